"""Identifiers: UUIDs that sort by the time they were made, and those of what there is once."""

from uuid import UUID, uuid5

import uuid_utils


def new_id() -> UUID:
    """Return a new UUID of version 7."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def derived_id(about: UUID, *words: object) -> UUID:
    """Return the id of what there is once about something: the same for the same words, so that making it again finds the first."""
    return uuid5(about, " ".join(map(str, words)))
