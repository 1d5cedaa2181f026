"""What PostgreSQL itself can do: COPY of the same rows into the same table, in the same commits."""

import asyncio
import time
from typing import Any

import asyncpg

from tests.benchmarks.world import World

_COLUMNS = ["pupil_id", "date", "urn", "revision", "version", "session", "code"]


async def copy(url: str, world: World, connections: int) -> float:
    """Return marks per second: a register a transaction, as the owner of the table, whom neither row security nor triggers hold up."""
    prepared = [
        [(pupil, register.day, register.urn, number, 1, register.half, code) for pupil, code in sorted(world.rows(register))]
        for number, register in enumerate(world.registers, start=1)
    ]
    opened: list[Any] = [await asyncpg.connect(url) for _ in range(connections)]
    waiting = iter(prepared)

    async def work(connection: Any) -> None:
        for records in waiting:
            async with connection.transaction():
                await connection.copy_records_to_table("marks", records=records, columns=_COLUMNS)

    began = time.perf_counter()
    await asyncio.gather(*(work(connection) for connection in opened))
    took = time.perf_counter() - began
    for connection in opened:
        await connection.close()
    return sum(map(len, prepared)) / took
