"""Identifiers: UUIDs that sort by the time they were made."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Return a new UUID of version 7."""
    return UUID(bytes=uuid_utils.uuid7().bytes)
