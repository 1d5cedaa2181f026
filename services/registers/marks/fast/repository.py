"""Registers of valid marks are stored in two statements: lock the schools; then receipts, marks and events."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

import asyncpg
import orjson

from services.registers.marks.fast.domain import CheckedRegister
from services.registers.marks.repository.marks import month_of
from shared.messaging.messages import Message

# A register is stored only if its school's roll is still the one that it was checked against: whoever changes that locks the school. A school
# that another transaction has locked is not waited for.
_LOCK = """
    WITH sent AS MATERIALIZED (
        SELECT * FROM unnest($1::integer[], $2::uuid[], $3::text[], $4::date[], $5::text[]) AS sent (urn, roll_version, month, date, session)
    ),
    free AS MATERIALIZED (
        SELECT school.urn
        FROM sent JOIN schools AS school USING (urn)
        WHERE school.roll_version = sent.roll_version AND to_regclass(sent.month) IS NOT NULL
          AND NOT EXISTS (SELECT FROM receipts WHERE receipts.urn = sent.urn AND receipts.date = sent.date AND receipts.session = sent.session)
        FOR NO KEY UPDATE OF school SKIP LOCKED
    ),
    locked AS (UPDATE schools SET revision = revision + 1 FROM free WHERE schools.urn = free.urn RETURNING schools.urn, la_code, revision)
    SELECT sent.urn, school.roll_version <> sent.roll_version AS is_outdated, locked.la_code, locked.revision
    FROM sent JOIN schools AS school USING (urn) LEFT JOIN locked USING (urn)
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
                    $17::text[], $19::text[])
             AS sent (urn, revision, date, session, caller, by_name, by_title, opened_at, closed_at, first, last, codes, minutes_late,
                      unresolved, event_id, body, headers, type)
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
        SELECT event_id, $18, urn::text, type, body, headers::jsonb FROM fresh
    ),
    awaited AS (
        INSERT INTO unresolved_marks (urn, date, session, pupil_id, version)
        SELECT urn, date, session, pupil_id, 1 FROM fresh CROSS JOIN LATERAL unnest(fresh.unresolved::uuid[]) AS mark (pupil_id)
        ON CONFLICT DO NOTHING
    )
    SELECT urn FROM fresh
"""


@dataclass(frozen=True, slots=True)
class LockedSchools:
    """Schools that are locked for writing, authority and revision of each; and those whose roll has another version by now."""

    locked: Mapping[int, tuple[str, int]]
    outdated: Collection[int]


async def lock_schools(driver: asyncpg.Connection, registers: Sequence[CheckedRegister]) -> LockedSchools:
    """Lock the schools of registers, one of each, and raise their revisions.

    Not locked is a school whose roll has another version by now or that is locked already, one that has a receipt of the session, and one
    whose month has no partition.
    """
    values = [
        [each.urn for each in registers],
        [each.roll_version for each in registers],
        [month_of(each.session.day) for each in registers],
        [each.session.day for each in registers],
        [each.session.session for each in registers],
    ]
    rows = await driver.fetch(_LOCK, *values)
    locked = {urn: (la_code, revision) for urn, _, la_code, revision in rows if revision is not None}
    return LockedSchools(locked, {urn for urn, is_outdated, _, _ in rows if is_outdated})


async def store_registers(
    driver: asyncpg.Connection, registers: Sequence[CheckedRegister], revisions: Sequence[int], events: Sequence[Message]
) -> set[int]:
    """Store registers of locked schools under these revisions, with their receipts, the notes of marks that await their reason, and their events.

    Return the schools whose register was stored: not where there is a receipt of its session already.
    """
    receipts = [each.receipt for each in registers]
    columns = [each.marks for each in registers]
    ends = list(accumulate(len(marks.codes) for marks in columns))
    values = (
        [each.urn for each in registers],
        revisions,
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
        [event.type for event in events],
        list(chain.from_iterable(marks.pupils for marks in columns)),
    )
    return {row["urn"] for row in await driver.fetch(_STORE, *values)}


def _array(values: Iterable[object]) -> str:
    """Return values as PostgreSQL writes an array of them."""
    return "{" + ",".join(["NULL" if each is None else str(each) for each in values]) + "}"
