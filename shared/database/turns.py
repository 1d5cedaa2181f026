"""Turns: of the requests that are about one thing, one at a time waits for its lock in the database; the others hold no connection."""

import asyncio
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database.connection import Database

_turns: WeakValueDictionary[tuple[AsyncEngine, UUID], asyncio.Lock] = WeakValueDictionary()
"""While somebody has one or waits for it."""


def turn(database: Database, subject: UUID) -> asyncio.Lock:
    """Return what to hold while a transaction locks this thing for long: forty that waited inside transactions would need every connection.

    It keeps nobody out: other processes do not know of it, and the lock in the database decides.
    """
    key = (database.engine, subject)
    return _turns.get(key) or _turns.setdefault(key, asyncio.Lock())
