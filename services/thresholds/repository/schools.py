"""Sessions that schools held, as bits per school year, and the lock under which they change."""

from collections.abc import Collection, Mapping

from sqlalchemy import select, text

from services.thresholds.domain.facts import Schools, SchoolYear, SchoolYears, Succession
from services.thresholds.repository.arrays import among, arrays
from services.thresholds.tables import school_years
from shared.database import Transaction
from shared.database.locks import Lock
from shared.database.rows import upsert

# A pupil who joins a school while its sessions change must be judged by the new ones: a school is locked exclusively by whoever changes its
# sessions, and shared by whoever puts pupils on its roll. Schools are locked before pupils, both in order.
_IN_ORDER = "FROM (SELECT unnest(CAST(:urns AS integer[])) AS urn ORDER BY 1) AS schools"
_LOCK_EXCLUSIVELY = text(f"SELECT pg_advisory_xact_lock(CAST(:lock AS integer), urn) {_IN_ORDER}").bindparams(lock=Lock.SCHOOL)
_LOCK_SHARED = text(f"SELECT pg_advisory_xact_lock_shared(CAST(:lock AS integer), urn) {_IN_ORDER}").bindparams(lock=Lock.SCHOOL)
_ADD_REGISTERS = text("""
    INSERT INTO school_years (urn, year, registers)
    SELECT * FROM unnest(CAST(:urns AS integer[]), CAST(:years AS smallint[]), CAST(:registers AS bytea[]))
    ON CONFLICT (urn, year) DO UPDATE SET registers = excluded.registers
""")
_SUCCESSIONS = text("""
    WITH RECURSIVE reached (urn) AS (
        SELECT unnest(CAST(:urns AS integer[])) UNION SELECT unnest(predecessors) FROM successions JOIN reached USING (urn)
    )
    SELECT urn, predecessor, day
    FROM successions JOIN reached USING (urn) CROSS JOIN unnest(predecessors, since) AS continued (predecessor, day)
    WHERE day IS NOT NULL ORDER BY urn, predecessor
""")
_CONTINUED_BY_OTHERS = text("""
    SELECT DISTINCT predecessor FROM successions CROSS JOIN unnest(predecessors) AS predecessor WHERE predecessor = ANY(CAST(:urns AS integer[]))
""")
_LINKED = text("""
    WITH RECURSIVE pairs (one, other) AS (SELECT urn, unnest(predecessors) FROM successions),
    reached (school, urn) AS (
        SELECT each, each FROM unnest(CAST(:urns AS integer[])) AS each
        UNION SELECT school, CASE reached.urn WHEN one THEN other ELSE one END FROM reached JOIN pairs ON reached.urn IN (one, other)
    )
    SELECT school, urn FROM reached
""")


async def lock_schools_exclusively(tx: Transaction, urns: Collection[int]) -> None:
    """Lock schools whose sessions are about to change."""
    await tx.execute(_LOCK_EXCLUSIVELY, {"urns": sorted(urns)})


async def lock_schools_shared(tx: Transaction, urns: Collection[int]) -> None:
    """Lock schools whose sessions must not change meanwhile."""
    await tx.execute(_LOCK_SHARED, {"urns": sorted(urns)})


async def school_years_of(tx: Transaction, urns: Collection[int]) -> SchoolYears:
    """Return the sessions that these schools held, by school and school year."""
    if not urns:
        return {}
    rows = await tx.execute(select(school_years).where(among(school_years.c.urn, urns)))
    return {
        (row.urn, row.year): SchoolYear(None if row.calendar is None else _bits(row.calendar), _bits(row.registers)) for row in rows.all()
    }


async def load_schools(tx: Transaction, urns: Collection[int]) -> Schools:
    """Return the sessions that these schools held, and those of the schools that they continue."""
    if not urns:
        return Schools({})
    successions = tuple(Succession(*row) for row in (await tx.execute(_SUCCESSIONS, {"urns": list(urns)})).all())
    return Schools(await school_years_of(tx, {*urns, *(each.predecessor for each in successions)}), successions)


async def continued_by_others(tx: Transaction, urns: Collection[int]) -> frozenset[int]:
    """Return those of these schools that other ones continue."""
    return frozenset((await tx.execute(_CONTINUED_BY_OTHERS, {"urns": list(urns)})).scalars())


async def linked_urns(tx: Transaction, urns: Collection[int]) -> dict[int, list[int]]:
    """Return for each of these schools its own URN and every URN that a chain of successions links with it, in either direction."""
    found: dict[int, list[int]] = {}
    for row in (await tx.execute(_LINKED, {"urns": list(urns)})).all():
        found.setdefault(row.school, []).append(row.urn)
    return found


async def store_registers(tx: Transaction, registers: Mapping[tuple[int, int], int]) -> None:
    """Store in which sessions schools have marks, by school and school year."""
    await tx.execute(_ADD_REGISTERS, arrays("urns years registers", [(*key, _bytes(registers[key])) for key in sorted(registers)]))


async def store_calendar(tx: Transaction, urn: int, year: int, calendar: int, revision: int) -> bool:
    """Store a school's calendar if it is newer than the stored one; return whether it was."""
    values = {"urn": urn, "year": year, "calendar": _bytes(calendar), "calendar_revision": revision}
    return await upsert(tx, school_years, values, newer_by="calendar_revision")


def _bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def _bits(stored: bytes) -> int:
    return int.from_bytes(stored, "little")
