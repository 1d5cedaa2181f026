"""Imports: the stored file, its progress, the report."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, any_, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registers.tables.imports import import_pieces, import_refusals, imports
from services.registers.tables.schools import schools
from shared import clock
from shared.database import Database, Transaction

PIECE = 1024 * 1024

COUNTS = ("recorded", "amended", "unchanged", "ignored", "rejected")

# A lock of the session, not of a transaction: it ends with the connection, however that ends, so another worker goes on at once.
_LOCK = text("SELECT pg_try_advisory_lock(881005, hashtext(:id))")
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
    DELETE FROM import_refusals WHERE import_id = :id AND number IN (
        SELECT number FROM import_refusals WHERE import_id = :id ORDER BY number LIMIT :limit
    )
""")


async def add(tx: Transaction, import_id: UUID, values: dict[str, Any], pieces: Iterable[bytes]) -> None:
    """Store an import and its file."""
    await tx.execute(insert(imports).values(id=import_id, **values))
    for number, content in enumerate(pieces):
        await tx.execute(insert(import_pieces).values(import_id=import_id, number=number, content=content))


async def read(tx: Transaction, import_id: UUID) -> Row[Any] | None:
    """Return an import."""
    return (await tx.execute(select(imports).where(imports.c.id == import_id))).first()


async def listing(
    tx: Transaction, after: UUID | None, limit: int, own: Sequence[int] | None, la_code: str | None, urn: int | None
) -> Sequence[Row[Any]]:
    """Return imports, the latest first: those within these schools, or of this authority, or all; sent for one school, where it is named."""
    query = select(imports).order_by(imports.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(imports.c.id < after)
    if urn is not None:
        query = query.where(imports.c.urn == urn)
    if own is not None:
        query = query.where(imports.c.schools.contained_by(list(own)))
    if la_code is not None:
        query = query.where(or_(imports.c.la_code == la_code, imports.c.schools.contained_by(_schools_of(la_code))))
    return (await tx.execute(query)).all()


async def all_in_area(tx: Transaction, urns: Sequence[int], la_code: str) -> bool:
    """Tell whether all of these schools are of one authority."""
    query = select(schools.c.urn).where(schools.c.urn == any_(list(urns)), schools.c.la_code == la_code)  # type: ignore[arg-type]  # a list binds as an array
    return len((await tx.execute(query)).all()) == len(set(urns))


def _schools_of(la_code: str) -> Any:
    return select(text("coalesce(array_agg(schools.urn), '{}')")).select_from(schools).where(schools.c.la_code == la_code).scalar_subquery()


async def report(tx: Transaction, import_id: UUID, after: int, limit: int) -> Sequence[Row[Any]]:
    """Return the lines that were refused, in the file's order."""
    query = select(import_refusals).where(import_refusals.c.import_id == import_id, import_refusals.c.number > after)
    return (await tx.execute(query.order_by(import_refusals.c.number).limit(limit))).all()


async def claim(database: Database) -> tuple[UUID, AsyncConnection] | None:
    """Return the oldest import that nobody works on, and the connection that holds it until it is released."""
    async with database.begin() as tx:
        waiting = (await tx.execute(_NEXT)).scalars().all()
    if not waiting:
        return None
    connection = await database.engine.connect()
    try:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for import_id in waiting:
            if (await connection.execute(_LOCK, {"id": str(import_id)})).scalar():
                return import_id, connection
    except BaseException:
        await connection.invalidate()
        await connection.close()
        raise
    await connection.close()
    return None


async def release(connection: AsyncConnection) -> None:
    """Let an import go."""
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


async def start(tx: Transaction, import_id: UUID) -> Row[Any] | None:
    """Note that an import is being worked on, and return it; None where it has ended."""
    query = update(imports).where(imports.c.id == import_id, imports.c.state.in_(["received", "running"]))
    values = {"state": "running", "started_at": text("coalesce(started_at, now())")}
    found: Row[Any] | None = (await tx.execute(query.values(**values).returning(imports))).first()
    return found


async def set_total(tx: Transaction, import_id: UUID, total: int) -> None:
    """Note how many marks the file has."""
    await tx.execute(update(imports).where(imports.c.id == import_id).values(total=total))


async def hold(tx: Transaction, import_id: UUID, position: int) -> bool:
    """Hold an import that stands at this position; False where somebody else has brought it further."""
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


async def refuse(tx: Transaction, import_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """Add lines to the report."""
    if rows:
        await tx.execute(insert(import_refusals), [{"import_id": import_id, **row} for row in rows])


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
