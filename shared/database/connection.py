"""Connections and transactions.

One transaction per request or message, opened and committed at the edge; functions below take it and never commit.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

Transaction = AsyncConnection
"""An open transaction. Whoever opened it commits it."""


def _dumps(value: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class Database:
    """A service's database, by the address of its login role."""

    def __init__(self, url: str, *, size: int = 8, pooled: bool = True) -> None:
        # hide_parameters: an error's text would otherwise carry a thousand children's marks.
        options: dict[str, Any] = (
            {"pool_size": size, "max_overflow": 4, "pool_timeout": 2, "pool_pre_ping": True} if pooled else {"poolclass": NullPool}
        )
        self.engine = create_async_engine(url, hide_parameters=True, json_serializer=_dumps, json_deserializer=orjson.loads, **options)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """Open a transaction; commit when the block ends, roll back when it raises."""
        async with self.engine.begin() as tx:
            yield tx

    async def ready(self) -> bool:
        """Tell whether the database answers and is migrated."""
        async with self.engine.connect() as connection:
            return bool((await connection.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL"))).scalar())

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
