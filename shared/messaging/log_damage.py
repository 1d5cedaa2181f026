"""Damage to the durable log: found, named, and cleared away."""

from collections.abc import Sequence

import asyncpg

from shared.database.bells import bells_of
from shared.database.limits import JOB

TABLES = ("log_events", "log_partitions", "log_readers")
_MISSING = "SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL"
# Whatever the table holds is read, so that a page that cannot be is found; the counts alone would come from an index.
_EVENTS = """
SELECT topic, partition, min("offset") AS first, max("offset") AS last, count(*) AS events, sum(octet_length(key || headers::text) + octet_length(body)) AS bytes
FROM log_events GROUP BY topic, partition ORDER BY topic, partition
"""
_ENDS = "SELECT topic, partition, next_offset FROM log_partitions ORDER BY topic, partition"


class LogDamaged(Exception):  # noqa: N818 -- a state of the log
    """The log contradicts itself: `attendance log reset` makes it anew."""


async def find_damage(url: str) -> list[str]:
    """Return what is wrong with the log, in plain words; nothing where it is whole."""
    connection = await asyncpg.connect(bells_of(url).address, timeout=JOB.connect)
    try:
        if missing := [row["name"] for row in await connection.fetch(_MISSING, TABLES)]:
            return [f"its table {name} is missing" for name in missing]
        await connection.execute("SET enable_indexscan = off; SET enable_indexonlyscan = off")
        try:
            events, ends = await connection.fetch(_EVENTS), await connection.fetch(_ENDS)
        except asyncpg.PostgresError as error:
            return [f"it cannot be read ({type(error).__name__})"]
    finally:
        await connection.close()
    return _contradictions(events, {(row["topic"], row["partition"]): row["next_offset"] for row in ends})


def _contradictions(events: Sequence[asyncpg.Record], ends: dict[tuple[str, int], int]) -> list[str]:
    found = []
    for topic, number, first, last, count, _ in events:
        end = ends.get((topic, number))
        if end is None:
            found.append(f"{topic}/{number} has events and no end")
        elif end <= last:
            found.append(f"{topic}/{number} ends before {end} and has an event at {last}")
        elif end > last + 1:
            found.append(f"{topic}/{number} has lost the {end - last - 1} events from {last + 1} on")
        if (lost := last - first + 1 - count) > 0:
            found.append(f"{topic}/{number} has lost {lost} events between {first} and {last}")
    return found


async def drop_log_tables(url: str) -> None:
    """Delete the log with its readers, whatever state it is in; the outboxes of the services keep what it takes to fill it again."""
    connection = await asyncpg.connect(bells_of(url).address, timeout=JOB.connect)
    try:
        await connection.execute(f"DROP TABLE IF EXISTS {', '.join(TABLES)}")
    finally:
        await connection.close()
