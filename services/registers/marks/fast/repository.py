"""The roll of a school, and registers of valid marks stored in two statements: lock the schools; then receipts, marks and events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from uuid import UUID

import orjson
from sqlalchemy import text

from services.registers.marks.fast.domain import CheckedRegister, SchoolRoll
from services.registers.marks.repository.marks import enrolled, month_of
from shared.database import Transaction, driver
from shared.messaging.messages import Message

_ROLL = text("""
    SELECT upn, pupil_id, admitted_on, left_on, shared_from, shared_to FROM roll_spells WHERE urn = :urn
""")

_ROLL_VERSION = text("SELECT roll_version FROM schools WHERE urn = :urn")

# A register is stored only if its school's roll is still the one that it was checked against: whoever changes that locks the school. A school
# that another transaction has locked is not waited for.
_LOCK = """
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
_STORE = """
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
    published AS (
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
class LockedSchool:
    """A school that is locked for writing under one revision."""

    la_code: str
    revision: int


async def roll_version(tx: Transaction, urn: int) -> UUID | None:
    """Return the version of a school's roll as it stands now; None where there is no such school."""
    version: UUID | None = (await tx.execute(_ROLL_VERSION, {"urn": urn})).scalar()
    return version


async def school_roll(tx: Transaction, urn: int, version: UUID) -> SchoolRoll:
    """Return a school's roll, which was of this version just now."""
    rows = await tx.execute(_ROLL, {"urn": urn})
    return SchoolRoll(version, enrolled(urn, (tuple(row) for row in rows)))


async def lock_schools(tx: Transaction, registers: Sequence[CheckedRegister]) -> dict[int, LockedSchool]:
    """Lock the schools of registers, one of each, and raise their revisions.

    Left out is a school whose roll has another version by now or that is locked already, a session of which there is a receipt, and a month
    without a partition.
    """
    values = [
        [each.urn for each in registers],
        [each.roll_version for each in registers],
        [month_of(each.session.day) for each in registers],
        [each.session.day for each in registers],
        [each.session.session for each in registers],
    ]
    return {row["urn"]: LockedSchool(row["la_code"], row["revision"]) for row in await (await driver(tx)).fetch(_LOCK, *values)}


async def store_registers(
    tx: Transaction, registers: Sequence[CheckedRegister], locked: Mapping[int, LockedSchool], events: Sequence[Message]
) -> set[int]:
    """Store registers of locked schools, one of each, with their receipts, the notes of marks that await their reason, and their events.

    Return the schools whose register was stored: not where there is a receipt of its session already.
    """
    receipts = [each.receipt for each in registers]
    columns = [each.marks for each in registers]
    ends = list(accumulate(len(marks.codes) for marks in columns))
    values = (
        [each.urn for each in registers],
        [locked[each.urn].revision for each in registers],
        [each.session.day for each in registers],
        [each.session.session for each in registers],
        [receipt.caller for receipt in receipts],
        [receipt.by_name for receipt in receipts],
        [receipt.by_title for receipt in receipts],
        [receipt.opened_at for receipt in receipts],
        [receipt.closed_at for receipt in receipts],
        [end - len(marks.codes) + 1 for end, marks in zip(ends, columns, strict=True)],
        ends,
        [",".join(marks.codes) for marks in columns],
        [_array(marks.minutes_late) for marks in columns],
        [_array(marks.unresolved) for marks in columns],
        [event.event_id for event in events],
        [event.body for event in events],
        [orjson.dumps(event.headers).decode() for event in events],
        events[0].topic,
        events[0].type,
        list(chain.from_iterable(marks.pupils for marks in columns)),
    )
    return {row["urn"] for row in await (await driver(tx)).fetch(_STORE, *values)}


def _array(values: Iterable[object]) -> str:
    """Return values as PostgreSQL writes an array of them."""
    return "{" + ",".join(["NULL" if each is None else str(each) for each in values]) + "}"
