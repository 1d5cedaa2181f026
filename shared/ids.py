"""Identifiers: UUIDs that sort by the time they were made, and those of what there is once."""

from hashlib import sha1
from uuid import UUID, uuid5

import uuid_utils

_CONTENTS = UUID("6d3b6f2e-6f0b-5d61-9f0e-3c3b0f6c2a57")


def new_id() -> UUID:
    """Return a new UUID of version 7."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def derived_id(about: UUID, *words: object) -> UUID:
    """Return the id of what there is once about something: the same for the same words, so that making it again finds the first."""
    return uuid5(about, " ".join(map(str, words)))


def id_of_content(*content: bytes) -> UUID:
    """Return the id of what is known by its content alone: the same for the same content, and another one for any other."""
    digest = sha1(_CONTENTS.bytes, usedforsecurity=False)
    for each in content:
        digest.update(b"%d " % len(each))
        digest.update(each)
    return UUID(bytes=digest.digest()[:16], version=5)
