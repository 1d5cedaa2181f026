"""Marks of schools that are not known yet: kept as the file had them, until the school is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, insert, select, text

from services.registers.tables.imports import waiting_marks
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.database.rows import fetch_all
from shared.due_work import not_waiting

# The names that wait are few, and each is found in the index without reading its marks.
_STORED_SCHOOLS = text(f"""
    WITH RECURSIVE named (school) AS (
        SELECT min(school) FROM waiting_marks
        UNION ALL
        SELECT (SELECT min(school) FROM waiting_marks WHERE school > named.school) FROM named WHERE named.school IS NOT NULL
    )
    SELECT DISTINCT waiting.import_id || ' ' || waiting.school AS key FROM named JOIN waiting_marks AS waiting ON waiting.school = named.school
    WHERE EXISTS (
        SELECT FROM schools WHERE schools.urn = CASE WHEN named.school ~ '^[0-9]{{6}}$' THEN CAST(named.school AS integer) END
        UNION ALL
        SELECT FROM schools
        WHERE schools.la_code = split_part(named.school, '/', 1) AND schools.establishment_number = split_part(named.school, '/', 2)
    ) AND {not_waiting("waiting.import_id || ' ' || waiting.school")}
    ORDER BY key LIMIT :limit
""")  # noqa: S608 -- every part stands in the code


@dataclass(frozen=True, slots=True)
class WaitingMark:
    """A mark of a file whose school is not known yet; `number` is its place in the file, `person` the pupil where there is no UPN."""

    number: int
    line: int
    school: str
    upn: str
    person: list[str] | None
    date: date
    session: Half
    code: str
    minutes_late: int | None


@dataclass(frozen=True, slots=True)
class WaitingMarkRow(WaitingMark):
    """A mark that waits, in the order in which it was kept."""

    id: int


async def keep(tx: Transaction, import_id: UUID, marks: Sequence[WaitingMark]) -> None:
    """Keep marks of schools that are not known yet."""
    if marks:
        await tx.execute(insert(waiting_marks), [{"import_id": import_id, **asdict(mark)} for mark in marks])


async def due(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    """Return the keys, import and school, of marks that wait for a school which is known by now."""
    return (await tx.execute(_STORED_SCHOOLS, {"job": job, "limit": limit})).scalars().all()


async def take(tx: Transaction, key: str, limit: int) -> list[WaitingMarkRow]:
    """Return up to so many marks of a key, the first of the import, locked and taken away."""
    import_id, _, school = key.partition(" ")
    columns = [waiting_marks.c[name] for name in WaitingMarkRow.__dataclass_fields__]
    query = select(*columns).where(waiting_marks.c.import_id == UUID(import_id), waiting_marks.c.school == school)
    found = await fetch_all(tx, query.order_by(waiting_marks.c.id).limit(limit).with_for_update(skip_locked=True), WaitingMarkRow)
    await tx.execute(delete(waiting_marks).where(waiting_marks.c.id.in_([row.id for row in found])))
    return found
