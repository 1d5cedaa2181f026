"""Registers: the roll they are checked against, marks, versions, receipts, quarantine."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, func, insert, select, text, update

from services.registers.marks.domain.registers import Accepted, Enrolled, Reason
from services.registers.marks.domain.rolls import Spell
from services.registers.tables.marks import marks, quarantine, receipts
from services.registers.tables.pupils import roll_spells, upns
from shared import clock
from shared.attendance.sessions import Half
from shared.database import Transaction

_OPEN = text("""
    UPDATE schools SET revision = revision + 1 WHERE urn = :urn
    RETURNING la_code, revision, to_regclass(:month) IS NOT NULL AS has_partition
""")

_ROLL = text("""
    SELECT upn, pupil_id, admitted_on, left_on, shared_from, shared_to FROM roll_spells
    WHERE urn = :urn AND upn = ANY(CAST(:upns AS text[]))
""")

# One statement for all marks, sorted by pupil so that two transactions never wait for each other crosswise.
# What it replaces goes to mark_versions by the trigger `keep_mark_version`, which also counts the version.
_STORE = """
    INSERT INTO marks (pupil_id, date, urn, revision, minutes_late, session, code)
    SELECT sent.pupil_id, $1, $2, $3, sent.minutes_late, $4, sent.code
    FROM unnest($5::uuid[], $6::text[], $7::smallint[]) AS sent (pupil_id, code, minutes_late)
    ON CONFLICT (date, session, pupil_id, urn) DO UPDATE
    SET code = excluded.code, minutes_late = excluded.minutes_late, revision = excluded.revision
    WHERE marks.code IS DISTINCT FROM excluded.code
       OR (excluded.minutes_late IS NOT NULL AND marks.minutes_late IS DISTINCT FROM excluded.minutes_late)
    RETURNING pupil_id, code, version
"""

_REPLACED = text("""
    SELECT pupil_id, code FROM mark_versions
    WHERE date = :date AND session = :session AND pupil_id = ANY(CAST(:pupils AS uuid[])) AND urn = :urn
      AND superseded_revision = :revision
""")

_HISTORY = text("""
    SELECT mark.*, receipt.received_at, receipt.source, receipt.reason, receipt.by_name, receipt.by_title, receipt.caller
    FROM generate_series(CAST(:first AS timestamp), CAST(:last AS timestamp), interval '1 day') AS day (at)
    CROSS JOIN (VALUES ('AM'), ('PM')) AS half (session)
    CROSS JOIN LATERAL (
        SELECT date, session, urn, version, code, minutes_late, revision FROM marks
        WHERE date = CAST(day.at AS date) AND session = half.session AND pupil_id = :pupil_id
        UNION ALL
        SELECT date, session, urn, version, code, minutes_late, revision FROM mark_versions
        WHERE date = CAST(day.at AS date) AND session = half.session AND pupil_id = :pupil_id
    ) AS mark
    JOIN receipts AS receipt ON receipt.urn = mark.urn AND receipt.revision = mark.revision
    ORDER BY mark.date, mark.session, mark.urn, mark.version
""")

# By day and half, because the key begins with them: no second index has to be kept for nine million marks a morning.
_CURRENT = text("""
    SELECT mark.date, mark.session, mark.urn, mark.code, mark.version
    FROM generate_series(CAST(:first AS timestamp), CAST(:last AS timestamp), interval '1 day') AS day (at)
    CROSS JOIN (VALUES ('AM'), ('PM')) AS half (session)
    JOIN marks AS mark ON mark.date = CAST(day.at AS date) AND mark.session = half.session AND mark.pupil_id = :pupil_id
    WHERE mark.urn = :urn
    ORDER BY mark.date, mark.session
""")


def month_of(day: date) -> str:
    """Return the name of the partition that holds a day's marks."""
    return f"marks_y{day:%Y}m{day:%m}"


async def open_register(tx: Transaction, urn: int, day: date) -> Row[Any] | None:
    """Hold a school and raise its revision: la_code, revision, has_partition; None where there is no such school."""
    return (await tx.execute(_OPEN, {"urn": urn, "month": month_of(day)})).first()


async def roll(tx: Transaction, urn: int, upns: Sequence[str]) -> dict[str, Enrolled]:
    """Return the pupils of this school with these UPNs, with the spells on its roll."""
    found: dict[str, Enrolled] = {}
    for upn, pupil_id, admitted_on, left_on, shared_from, shared_to in await tx.execute(_ROLL, {"urn": urn, "upns": upns}):
        before = found.get(upn)
        spells, shared = (before.spells, before.shared) if before else ((), ())
        more = ((shared_from, shared_to),) if shared_from else ()
        found[upn] = Enrolled(pupil_id, (*spells, Spell(urn, admitted_on, left_on)), (*shared, *more))
    return found


async def spells_of(tx: Transaction, pupil_id: UUID) -> list[Spell]:
    """Return a pupil's spells on every roll."""
    query = select(roll_spells.c.urn, roll_spells.c.admitted_on, roll_spells.c.left_on).where(roll_spells.c.pupil_id == pupil_id).distinct()
    return [Spell(*row) for row in await tx.execute(query)]


async def store_marks(
    tx: Transaction, urn: int, day: date, half: Half, revision: int, accepted: Mapping[UUID, Accepted]
) -> Sequence[Mapping[str, Any]]:
    """Store marks in one statement; return those that changed: pupil_id, code, version."""
    connection: Any = (await tx.get_raw_connection()).driver_connection
    pupils = sorted(accepted)
    marks = [accepted[pupil] for pupil in pupils]
    changed: Sequence[Mapping[str, Any]] = await connection.fetch(
        _STORE, day, urn, revision, half, pupils, [mark.code for mark in marks], [mark.minutes_late for mark in marks]
    )
    return changed


async def replaced_codes(tx: Transaction, urn: int, day: date, half: Half, revision: int, pupils: Sequence[UUID]) -> dict[UUID, str]:
    """Return the codes that this revision of the school replaced, by pupil."""
    rows = await tx.execute(_REPLACED, {"urn": urn, "date": day, "session": half, "revision": revision, "pupils": pupils})
    return {row.pupil_id: row.code for row in rows}


async def add_receipt(
    tx: Transaction,
    urn: int,
    revision: int,
    day: date,
    half: Half,
    source: str,
    caller: str,
    *,
    by: tuple[str, str | None] | None = None,
    reason: str | None = None,
    opened_at: datetime | None = None,
    closed_at: datetime | None = None,
) -> None:
    """Record that a register was written to, by whom and why."""
    name, title = by or (None, None)
    values = {"urn": urn, "revision": revision, "date": day, "session": half, "source": source, "caller": caller}
    values |= {"by_name": name, "by_title": title, "reason": reason, "opened_at": opened_at, "closed_at": closed_at}
    await tx.execute(insert(receipts).values(**values))


async def history(tx: Transaction, pupil_id: UUID, first: date, last: date) -> Sequence[Row[Any]]:
    """Return every version of a pupil's marks in a period, in order, with the receipt each came with."""
    return (await tx.execute(_HISTORY, {"pupil_id": pupil_id, "first": first, "last": last})).all()


async def current_marks(tx: Transaction, pupil_id: UUID, urn: int, first: date, last: date) -> Sequence[Row[Any]]:
    """Return a pupil's marks of one school in a period, as they stand."""
    return (await tx.execute(_CURRENT, {"pupil_id": pupil_id, "urn": urn, "first": first, "last": last})).all()


async def make_partition(tx: Transaction, day: date) -> None:
    """Make room for the marks of a month."""
    await tx.execute(select(func.make_mark_partitions(day)))


async def keep_apart(
    tx: Transaction, urn: int, day: date, half: Half, revision: int, rejected: Iterable[tuple[Mapping[str, Any], Reason]]
) -> None:
    """Keep rejected marks as they were sent, with the reason."""
    rows = [
        {
            "urn": urn,
            "date": day,
            "session": half,
            "upn": mark["upn"],
            "code": mark["code"],
            "minutes_late": mark.get("minutes_late"),
            "reason": reason.value,
            "revision": revision,
        }
        for mark, reason in rejected
    ]
    await tx.execute(insert(quarantine), rows)


async def waiting(tx: Transaction, urn: int, pupil_ids: Sequence[UUID], reasons: Sequence[Reason]) -> Sequence[Row[Any]]:
    """Return these pupils' marks that are kept apart for one of these reasons, in the order of their arrival.

    Without those after which the school sent another one for the session, under another of the pupil's UPNs.
    """
    query = select(quarantine).join(upns, upns.c.upn == quarantine.c.upn)
    query = query.where(
        ~_sent_since(),
        quarantine.c.urn == urn,
        upns.c.pupil_id == text("ANY(CAST(:pupils AS uuid[]))"),
        quarantine.c.reason.in_([reason.value for reason in reasons]),
        quarantine.c.released_at.is_(None),
    )
    return (await tx.execute(query.order_by(quarantine.c.id), {"pupils": pupil_ids})).all()


def _sent_since() -> ColumnElement[bool]:
    released = quarantine.alias()
    sent = select(func.max(released.c.revision)).where(released.c.urn == marks.c.urn, released.c.released_revision == marks.c.revision)
    return exists().where(
        marks.c.date == quarantine.c.date,
        marks.c.session == quarantine.c.session,
        marks.c.pupil_id == upns.c.pupil_id,
        marks.c.urn == quarantine.c.urn,
        func.coalesce(sent.scalar_subquery(), marks.c.revision) >= quarantine.c.revision,
    )


async def release(tx: Transaction, ids: Sequence[int], revision: int) -> None:
    """Record that quarantined marks were taken in by this revision of their school."""
    await tx.execute(update(quarantine).where(quarantine.c.id.in_(ids)).values(released_at=clock.now(), released_revision=revision))
