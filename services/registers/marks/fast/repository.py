"""A register of which every mark is valid, stored in two statements: hold the school; then receipt, marks and what is said about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate, chain
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from services.registers.marks.domain.registers import Enrolled
from services.registers.marks.domain.rolls import Spell
from services.registers.marks.fast.domain import WholeRoll
from services.registers.marks.repository.marks import month_of
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.messaging.messages import Message

_ROLL = text("""
    SELECT school.roll_version, roll.upn, roll.pupil_id, roll.admitted_on, roll.left_on, roll.shared_from, roll.shared_to
    FROM schools AS school LEFT JOIN roll_spells AS roll USING (urn) WHERE urn = :urn
""")

_ROLL_VERSION = text("SELECT roll_version FROM schools WHERE urn = :urn")

# Nothing happens unless the school's roll is still the one that the marks were checked against: whoever changes it holds the school.
_HOLD = """
    UPDATE schools SET revision = revision + 1 WHERE urn = $1 AND roll_version = $2 AND to_regclass($3) IS NOT NULL
    RETURNING la_code, revision
"""

# Who holds the school alone writes its marks, so what is not there now will not be there at the end of the statement: that is cheaper
# by a third than ON CONFLICT.
_STORE = """
    WITH fresh AS (
        SELECT NOT EXISTS (
            SELECT FROM unnest($10::uuid[]) AS pupil
            JOIN marks ON marks.date = $3 AND marks.session = $4 AND marks.pupil_id = pupil AND marks.urn = $1
        ) AS yes
    ),
    receipt AS (
        INSERT INTO receipts (urn, revision, date, session, source, caller, by_name, by_title, opened_at, closed_at)
        VALUES ($1, $2, $3, $4, 'register', $5, $6, $7, $8, $9)
    ),
    stored AS (
        INSERT INTO marks (pupil_id, date, urn, revision, minutes_late, session, code)
        SELECT sent.pupil_id, $3, $1, $2, sent.minutes_late, $4, sent.code
        FROM fresh CROSS JOIN unnest($10::uuid[], $11::text[], $12::smallint[]) AS sent (pupil_id, code, minutes_late)
        WHERE fresh.yes
    ),
    said AS (
        INSERT INTO outbox (event_id, topic, key, type, body, headers)
        SELECT $13, $14, $1::text, $15, $16, $17::jsonb FROM fresh WHERE fresh.yes
    ),
    unresolved AS (
        INSERT INTO unresolved_marks (urn, date, session, pupil_id, version)
        SELECT $1, $3, $4, sent.pupil_id, 1 FROM fresh CROSS JOIN unnest($18::uuid[]) AS sent (pupil_id) WHERE fresh.yes
        ON CONFLICT DO NOTHING
    )
    SELECT yes FROM fresh
"""

# Many schools at once: whoever holds one of them already is not waited for.
_HOLD_MANY = """
    WITH free AS MATERIALIZED (
        SELECT school.urn
        FROM unnest($1::integer[], $2::uuid[], $3::text[], $4::date[], $5::text[]) AS sent (urn, roll_version, month, date, session)
        JOIN schools AS school USING (urn)
        WHERE school.roll_version = sent.roll_version AND to_regclass(sent.month) IS NOT NULL
          AND NOT EXISTS (SELECT FROM receipts WHERE receipts.urn = sent.urn AND receipts.date = sent.date AND receipts.session = sent.session)
        FOR NO KEY UPDATE OF school SKIP LOCKED
    )
    UPDATE schools SET revision = revision + 1 FROM free WHERE schools.urn = free.urn RETURNING schools.urn, la_code, revision
"""

# A session of which no receipt is known has no marks, and a statement that believes so names no partition but those it writes to:
# another one's plan would lock every month that was ever stored. The pupils of all registers come in one array, of which each has a
# piece: ids are what takes the server longest to read as text. What else is many in a register comes as one text of it: the driver takes
# longer over each element of an array than the server over reading that.
_STORE_MANY = """
    WITH fresh AS MATERIALIZED (
        SELECT sent.*
        FROM unnest($1::integer[], $2::integer[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
                    $9::timestamptz[], $10::integer[], $11::integer[], $12::text[], $13::text[], $14::text[], $15::uuid[], $16::bytea[],
                    $17::text[])
             AS sent (urn, revision, date, session, caller, by_name, by_title, opened_at, closed_at, first, last, codes, minutes_late,
                      unresolved, event_id, body, headers)
        WHERE NOT EXISTS (SELECT FROM receipts WHERE receipts.urn = sent.urn AND receipts.date = sent.date AND receipts.session = sent.session)
    ),
    receipt AS (
        INSERT INTO receipts (urn, revision, date, session, source, caller, by_name, by_title, opened_at, closed_at)
        SELECT urn, revision, date, session, 'register', caller, by_name, by_title, opened_at, closed_at FROM fresh
    ),
    stored AS (
        INSERT INTO marks (pupil_id, date, urn, revision, minutes_late, session, code)
        SELECT mark.pupil_id, date, urn, revision, mark.minutes_late, session, mark.code
        FROM fresh CROSS JOIN LATERAL unnest(($20::uuid[])[first:last], string_to_array(codes, ','), fresh.minutes_late::smallint[])
            AS mark (pupil_id, code, minutes_late)
    ),
    said AS (
        INSERT INTO outbox (event_id, topic, key, type, body, headers)
        SELECT event_id, $18, urn::text, $19, body, headers::jsonb FROM fresh
    ),
    awaited AS (
        INSERT INTO unresolved_marks (urn, date, session, pupil_id, version)
        SELECT urn, date, session, pupil_id, 1 FROM fresh CROSS JOIN LATERAL unnest(fresh.unresolved::uuid[]) AS mark (pupil_id)
        ON CONFLICT DO NOTHING
    )
    SELECT urn FROM fresh
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who sent a register, and when it was open."""

    caller: str
    by_name: str | None
    by_title: str | None
    opened_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Columns:
    """A register's marks in the order of the pupils' ids."""

    pupils: Sequence[UUID]
    codes: Sequence[str]
    minutes_late: Sequence[int | None]
    """None at all where nobody was late."""
    unresolved: Sequence[UUID]
    """Those whose reason must still come."""


async def roll_version_of(tx: Transaction, urn: int) -> UUID | None:
    """Return the roll_version of a school's roll as it is now."""
    roll_version: UUID | None = (await tx.execute(_ROLL_VERSION, {"urn": urn})).scalar()
    return roll_version


async def whole_roll(tx: Transaction, urn: int) -> WholeRoll | None:
    """Return a school's whole roll; None where there is no such school."""
    rows = (await tx.execute(_ROLL, {"urn": urn})).all()
    if not rows:
        return None
    found: dict[str, Enrolled] = {}
    for _, upn, pupil_id, admitted_on, left_on, shared_from, shared_to in rows:
        if upn is not None:
            before = found.get(upn)
            spells, shared = (before.spells, before.shared) if before else ((), ())
            more = ((shared_from, shared_to),) if shared_from else ()
            found[upn] = Enrolled(pupil_id, (*spells, Spell(urn, admitted_on, left_on)), (*shared, *more))
    return WholeRoll(rows[0].roll_version, found)


async def hold(tx: Transaction, urn: int, roll_version: UUID, day: date) -> tuple[str, int] | None:
    """Hold a school and raise its revision; return its authority and the revision.

    None, and nothing done, where its roll is not the one of this roll_version any more, or the month has no partition yet.
    """
    row = await (await _driver(tx)).fetchrow(_HOLD, urn, roll_version, month_of(day))
    return row and (row["la_code"], row["revision"])


async def store_new(
    tx: Transaction, urn: int, revision: int, day: date, half: Half, receipt: Receipt, marks: Columns, event: Message
) -> bool:
    """Store a register's receipt; if there is none of its marks yet, them, which await their reason, and the event that says them; tell whether so."""
    values = (
        urn,
        revision,
        day,
        half,
        receipt.caller,
        receipt.by_name,
        receipt.by_title,
        receipt.opened_at,
        receipt.closed_at,
        marks.pupils,
        marks.codes,
        marks.minutes_late,
        event.event_id,
        event.topic,
        event.type,
        event.body,
        orjson.dumps(event.headers).decode(),
        marks.unresolved,
    )
    return bool(await (await _driver(tx)).fetchval(_STORE, *values))


@dataclass(frozen=True, slots=True)
class Usual:
    """A register of valid marks only, checked against its school's roll of this roll_version."""

    urn: int
    roll_version: UUID
    date: date
    session: Half
    receipt: Receipt
    marks: Columns


async def hold_many(tx: Transaction, registers: Sequence[Usual]) -> dict[int, tuple[str, int]]:
    """Hold the schools of registers, one of each, and raise their revisions; return authority and revision by school.

    Left out is a school whose roll is another one by now or that somebody else holds, a session of which there is a receipt already,
    and a month without a partition.
    """
    values = [
        [each.urn for each in registers],
        [each.roll_version for each in registers],
        [month_of(each.date) for each in registers],
        [each.date for each in registers],
        [each.session for each in registers],
    ]
    return {row["urn"]: (row["la_code"], row["revision"]) for row in await (await _driver(tx)).fetch(_HOLD_MANY, *values)}


async def store_many(tx: Transaction, registers: Sequence[tuple[Usual, int, Message]]) -> set[int]:
    """Store registers of schools that are held, under these revisions, with receipts, what awaits its reason, and the events that say them.

    Return the schools whose register was stored: not where there is a receipt of its session already.
    """
    receipts = [usual.receipt for usual, _, _ in registers]
    columns = [usual.marks for usual, _, _ in registers]
    events = [event for _, _, event in registers]
    ends = list(accumulate(len(marks.pupils) for marks in columns))
    values = (
        [usual.urn for usual, _, _ in registers],
        [revision for _, revision, _ in registers],
        [usual.date for usual, _, _ in registers],
        [usual.session for usual, _, _ in registers],
        [receipt.caller for receipt in receipts],
        [receipt.by_name for receipt in receipts],
        [receipt.by_title for receipt in receipts],
        [receipt.opened_at for receipt in receipts],
        [receipt.closed_at for receipt in receipts],
        [end - len(marks.pupils) + 1 for end, marks in zip(ends, columns, strict=True)],
        ends,
        [",".join(marks.codes) for marks in columns],
        [_listed(marks.minutes_late) for marks in columns],
        [_listed(marks.unresolved) for marks in columns],
        [event.event_id for event in events],
        [event.body for event in events],
        [orjson.dumps(event.headers).decode() for event in events],
        events[0].topic,
        events[0].type,
        list(chain.from_iterable(marks.pupils for marks in columns)),
    )
    return {row["urn"] for row in await (await _driver(tx)).fetch(_STORE_MANY, *values)}


def _listed(values: Iterable[object]) -> str:
    """Return values as PostgreSQL writes an array of them."""
    return "{" + ",".join(["NULL" if each is None else str(each) for each in values]) + "}"


async def _driver(tx: Transaction) -> Any:
    return (await tx.get_raw_connection()).driver_connection
