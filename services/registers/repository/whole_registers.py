"""A register of which every mark is valid, stored in two statements: hold the school; then receipt, marks and what is said about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from services.registers.domain.registers import Enrolled
from services.registers.domain.roll_calls import WholeRoll
from services.registers.domain.rolls import Spell
from services.registers.repository.marks import month_of
from shared.database import Transaction
from shared.messaging.messages import Message
from shared.register_codes import Half

_ROLL = text("""
    SELECT school.roll_stamp, roll.upn, roll.pupil_id, roll.admitted_on, roll.left_on, roll.shared_from, roll.shared_to
    FROM schools AS school LEFT JOIN roll_spells AS roll USING (urn) WHERE urn = :urn
""")

# Nothing happens unless the school's roll is still the one that the marks were checked against: whoever changes it holds the school.
_HOLD = """
    UPDATE schools SET revision = revision + 1 WHERE urn = $1 AND roll_stamp = $2 AND to_regclass($3) IS NOT NULL
    RETURNING la_code, revision
"""

# Who holds the school alone writes its marks, so what is not there now will not be there at the end of the statement: that is cheaper
# by a third than ON CONFLICT. A session of which no receipt is known has no marks, and the statement that believes so names no partition
# but the one it writes to: another one's plan would lock every month that was ever stored. Where there is a receipt, nothing happens, and
# a second statement looks for the marks themselves; that one stores the receipt in any case.
_STORE = """
    WITH fresh AS (SELECT {fresh} AS yes),
    receipt AS (
        INSERT INTO receipts (urn, revision, date, session, source, caller, by_name, by_title, opened_at, closed_at)
        SELECT $1, $2, $3, $4, 'register', $5, $6, $7, $8, $9 FROM fresh WHERE {receipt}
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
_STORE_FIRST = _STORE.format(
    fresh="NOT EXISTS (SELECT FROM receipts WHERE urn = $1 AND date = $3 AND session = $4)",
    receipt="fresh.yes",
)
_STORE_MORE = _STORE.format(
    fresh="""NOT EXISTS (
        SELECT FROM unnest($10::uuid[]) AS pupil
        JOIN marks ON marks.date = $3 AND marks.session = $4 AND marks.pupil_id = pupil AND marks.urn = $1
    )""",
    receipt="true",
)


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
    unresolved: Sequence[UUID]
    """Those whose reason must still come."""


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
    return WholeRoll(rows[0].roll_stamp, found)


async def hold(tx: Transaction, urn: int, stamp: UUID, day: date) -> tuple[str, int] | None:
    """Hold a school and raise its revision; return its authority and the revision.

    None, and nothing done, where its roll is not the one of this stamp any more, or the month has no partition yet.
    """
    connection: Any = (await tx.get_raw_connection()).driver_connection
    row = await connection.fetchrow(_HOLD, urn, stamp, month_of(day))
    return row and (row["la_code"], row["revision"])


async def store_new(
    tx: Transaction, urn: int, revision: int, day: date, half: Half, receipt: Receipt, marks: Columns, event: Message
) -> bool:
    """Store a register's receipt; if there is none of its marks yet, them, which await their reason, and the event that says them; tell whether so."""
    connection: Any = (await tx.get_raw_connection()).driver_connection
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
    return bool(await connection.fetchval(_STORE_FIRST, *values) or await connection.fetchval(_STORE_MORE, *values))
