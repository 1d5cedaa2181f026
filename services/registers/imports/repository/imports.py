"""Imports: the stored file, its progress, the report."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import any_, delete, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registers.imports.domain import Format, State
from services.registers.tables.imports import import_pieces, import_refusals, imports
from services.registers.tables.schools import schools
from shared import clock
from shared.database import Database, Transaction
from shared.database.bells import ring_after_commit
from shared.database.locks import Lock
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import fetch_all, fetch_one, select_columns

PIECE = 1024 * 1024

COUNTS = ("recorded", "amended", "unchanged", "ignored", "rejected", "noted")

# A lock of the session, not of a transaction: it ends with the connection, however that ends, so another worker goes on at once.
_LOCK = text("SELECT pg_try_advisory_lock(CAST(:lock AS integer), hashtext(:id))")
_UNLOCK = text("SELECT pg_advisory_unlock_all()")
_NEXT = text("SELECT id FROM imports WHERE state IN ('received', 'running') ORDER BY id LIMIT 20")


_DELETE_FILES = text("""
    WITH due AS (
        SELECT id FROM imports WHERE ended_at < :before AND ended_at IS NOT NULL AND file_deleted_on IS NULL
        ORDER BY ended_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM import_pieces WHERE import_id IN (SELECT id FROM due)
    )
    UPDATE imports SET file_deleted_on = :today WHERE id IN (SELECT id FROM due)
""")

_REPORT_DUE = text("""
    SELECT id FROM imports WHERE ended_at < :before AND ended_at IS NOT NULL AND report_deleted_on IS NULL
    ORDER BY ended_at LIMIT 1 FOR UPDATE SKIP LOCKED
""")
_DELETE_LINES = text("""
    WITH waiting AS (DELETE FROM waiting_marks WHERE import_id = :id)
    DELETE FROM import_refusals WHERE import_id = :id AND number IN (
        SELECT number FROM import_refusals WHERE import_id = :id ORDER BY number LIMIT :limit
    )
""")


@dataclass(frozen=True, slots=True)
class NewImport:
    """A file that is sent. `urn`: the school of lines that name none; `schools`, `la_code`: what its sender may write (None: everything)."""

    id: UUID
    format: Format
    name: str | None
    mapping: str | None
    urn: int | None
    schools: list[int] | None
    la_code: str | None
    size: int
    sha256: bytes
    caller: str
    made_by: str


@dataclass(frozen=True, slots=True)
class ImportRow(NewImport):
    """A file of marks and how far its import has come: `position` of `total` marks."""

    state: State
    received_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    total: int | None
    position: int
    recorded: int
    amended: int
    unchanged: int
    ignored: int
    rejected: int
    noted: int
    warnings: list[str]
    readings: str | None
    error: str | None
    file_deleted_on: date | None
    report_deleted_on: date | None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line of a file that was not stored, and why; `quarantined`: until a roll explains it. `stored`: it was, and this is noted about it."""

    number: int
    line: int
    school: str
    upn: str
    date: str
    session: str
    code: str
    reason: str
    quarantined: bool
    stored: bool = False


class Claim(NamedTuple):
    """An import that this process works on, and the connection that keeps others away from it until it is released."""

    import_id: UUID
    connection: AsyncConnection


_IMPORT = select_columns(imports, ImportRow)


async def add(tx: Transaction, new: NewImport, pieces: Iterable[bytes]) -> None:
    """Store an import and its file."""
    await tx.execute(insert(imports).values(asdict(new)))
    for number, content in enumerate(pieces):
        await tx.execute(insert(import_pieces).values(import_id=new.id, number=number, content=content))
    ring_after_commit(tx, "imports")


async def read(tx: Transaction, import_id: UUID) -> ImportRow | None:
    """Return an import."""
    return await fetch_one(tx, _IMPORT.where(imports.c.id == import_id), ImportRow)


async def import_page(
    tx: Transaction, page: PageQuery, own: Sequence[int] | None, la_code: str | None, urn: int | None
) -> Listed[ImportRow]:
    """Return imports, the latest first: those within these schools, or of this authority, or all; sent for one school, where it is named."""
    query = _IMPORT
    if urn is not None:
        query = query.where(imports.c.urn == urn)
    if own is not None:
        query = query.where(imports.c.schools.contained_by(list(own)))
    if la_code is not None:
        there = select(text("coalesce(array_agg(schools.urn), '{}')")).select_from(schools).where(schools.c.la_code == la_code)
        query = query.where(or_(imports.c.la_code == la_code, imports.c.schools.contained_by(there.scalar_subquery())))
    return await fetch_page(tx, query, ImportRow, Order((imports.c.id,), descending=True), page)


async def all_in_area(tx: Transaction, urns: Sequence[int], la_code: str) -> bool:
    """Return whether all of these schools are of one authority."""
    query = select(schools.c.urn).where(schools.c.urn == any_(list(urns)), schools.c.la_code == la_code)  # type: ignore[arg-type]  # a list binds as an array
    return len((await tx.execute(query)).all()) == len(set(urns))


async def report(tx: Transaction, import_id: UUID, after: int, limit: int) -> list[ReportLine]:
    """Return the lines that were refused, or about which something is noted, in the file's order."""
    query = select_columns(import_refusals, ReportLine).where(import_refusals.c.import_id == import_id, import_refusals.c.number > after)
    return await fetch_all(tx, query.order_by(import_refusals.c.number).limit(limit), ReportLine)


async def report_page(tx: Transaction, import_id: UUID, page: PageQuery) -> Listed[ReportLine]:
    """Return a page of the lines that were refused, in the file's order."""
    query = select_columns(import_refusals, ReportLine).where(import_refusals.c.import_id == import_id)
    return await fetch_page(tx, query, ReportLine, Order((import_refusals.c.number,)), page)


async def claim(database: Database) -> Claim | None:
    """Return the oldest import that nobody works on."""
    async with database.begin() as tx:
        waiting = (await tx.execute(_NEXT)).scalars().all()
    if not waiting:
        return None
    connection = await database.engine.connect()
    try:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for import_id in waiting:
            if (await connection.execute(_LOCK, {"id": str(import_id), "lock": Lock.IMPORT})).scalar():
                return Claim(import_id, connection)
    except BaseException:
        await connection.invalidate()
        await connection.close()
        raise
    await connection.close()
    return None


async def release(connection: AsyncConnection) -> None:
    """Let other workers claim an import again."""
    try:
        await connection.execute(_UNLOCK)
    except Exception:  # noqa: BLE001 -- the connection is gone, and the lock with it
        await connection.invalidate()
    await connection.close()


async def pieces(tx: Transaction, import_id: UUID) -> AsyncIterator[bytes]:
    """Yield the file, piece by piece."""
    number = 0
    while True:
        query = select(import_pieces.c.content).where(import_pieces.c.import_id == import_id, import_pieces.c.number == number)
        content = (await tx.execute(query)).scalar()
        if content is None:
            return
        yield content
        number += 1


async def start(tx: Transaction, import_id: UUID) -> ImportRow | None:
    """Note that an import is being worked on, and return it; None where it has ended."""
    query = update(imports).where(imports.c.id == import_id, imports.c.state.in_(["received", "running"]))
    values = {"state": "running", "started_at": text("coalesce(started_at, now())")}
    await tx.execute(query.values(**values))
    return await fetch_one(tx, _IMPORT.where(imports.c.id == import_id, imports.c.state == "running"), ImportRow)


async def note_file(tx: Transaction, import_id: UUID, total: int, warnings: Sequence[str], readings: str) -> None:
    """Note how many marks the file has, the warnings about it, and how its blocks were read."""
    values = {"total": total, "warnings": list(warnings), "readings": readings}
    await tx.execute(update(imports).where(imports.c.id == import_id).values(**values))


async def lock_at(tx: Transaction, import_id: UUID, position: int) -> bool:
    """Lock an import at this position; return False where somebody else has brought it further."""
    query = select(imports.c.id).where(imports.c.id == import_id, imports.c.position == position, imports.c.state == "running")
    return (await tx.execute(query.with_for_update())).first() is not None


async def advance(tx: Transaction, import_id: UUID, by: int, counts: Mapping[str, int]) -> None:
    """Note that so many marks have been dealt with, and how."""
    values = {name: imports.c[name] + counts.get(name, 0) for name in COUNTS}
    await tx.execute(update(imports).where(imports.c.id == import_id).values(position=imports.c.position + by, **values))


async def end(tx: Transaction, import_id: UUID, error: str | None = None) -> None:
    """Note that an import is done, or why it failed."""
    values = {"state": "failed" if error else "done", "error": error, "ended_at": clock.now()}
    await tx.execute(update(imports).where(imports.c.id == import_id).values(**values))


async def add_lines(tx: Transaction, import_id: UUID, rows: Sequence[ReportLine]) -> None:
    """Add lines to the report."""
    if rows:
        await tx.execute(insert(import_refusals), [{"import_id": import_id, **asdict(row)} for row in rows])


async def replace_lines(tx: Transaction, import_id: UUID, numbers: Sequence[int], rows: Sequence[ReportLine]) -> None:
    """Put what became of marks in place of their lines in the report, as long as there is a report."""
    of_these = (import_refusals.c.import_id == import_id) & import_refusals.c.number.in_(numbers)
    kept = set((await tx.execute(delete(import_refusals).where(of_these).returning(import_refusals.c.number))).scalars())
    await add_lines(tx, import_id, [row for row in rows if row.number in kept])


async def delete_files(tx: Transaction, before: datetime, today: date, limit: int) -> int:
    """Delete the files of imports that ended before an instant, the oldest first; return of how many."""
    return (await tx.execute(_DELETE_FILES, {"before": before, "today": today, "limit": limit})).rowcount


async def delete_lines(tx: Transaction, before: datetime, today: date, limit: int) -> int:
    """Delete lines of the report of the import that ended first, before an instant, and note when none is left; return how many imports that was."""
    import_id = (await tx.execute(_REPORT_DUE, {"before": before})).scalar()
    if import_id is None:
        return 0
    if (await tx.execute(_DELETE_LINES, {"id": import_id, "limit": limit})).rowcount < limit:
        await tx.execute(update(imports).where(imports.c.id == import_id).values(report_deleted_on=today))
    return 1
