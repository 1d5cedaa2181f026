"""`session-recorded`: the one place in which the event of a register is put together, as an object or, on the fast path, as JSON."""

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

import orjson

from services.registers.marks.domain.registers import Accepted, LockedRegister, SessionCodes, StoredMark
from services.registers.marks.domain.rolls import Overlap
from services.registers.marks.repository import marks
from services.registers.schools.repository import schools
from shared import clock
from shared.contracts.registers import RecordedMark, SessionRecorded
from shared.database import Transaction
from shared.messaging import publish_many, to_message
from shared.messaging.messages import Message

MARKS_PER_EVENT = 1000
FIRST_DAY = date(2006, 9, 1)
"""No code table is older (`shared/attendance/register_codes.toml`), so no mark is."""


def recorded_marks(changed: Iterable[StoredMark], replaced: Mapping[UUID, str], accepted: Mapping[UUID, Accepted]) -> list[RecordedMark]:
    """Return the marks to publish among those that were stored: those whose code is not the one that it replaced.

    Other minutes alone are a new version of the evidence, and nothing that another service weighs.
    """
    return [
        RecordedMark(
            pupil_id=mark.pupil_id,
            code=mark.code,
            previous_code=replaced.get(mark.pupil_id),
            version=mark.version,
            dual=accepted[mark.pupil_id].dual,
        )
        for mark in changed
        if mark.code != replaced.get(mark.pupil_id)
    ]


def session_recorded(register: LockedRegister, recorded: list[RecordedMark]) -> list[SessionRecorded]:
    """Return the events of these marks: the first has the register's revision, each further one, for a thousand marks more, the next."""
    return [
        SessionRecorded(
            school=register.urn,
            la_code=register.la_code,
            date=register.date,
            session=register.session,
            revision=register.revision + start // MARKS_PER_EVENT,
            marks=tuple(recorded[start : start + MARKS_PER_EVENT]),
        )
        for start in range(0, len(recorded), MARKS_PER_EVENT)
    ]


async def republish_marks(tx: Transaction, pupil_id: UUID, overlaps: Collection[Overlap]) -> None:
    """Publish a pupil's marks within these periods again, with the same versions: who weighs two schools' marks needs all of them.

    The schools are locked; other schools' marks are seen, whoever sent the roll.
    """
    events: list[SessionRecorded] = []
    today = clock.today()
    for overlap in sorted(overlaps, key=lambda each: (each.spell.urn, each.start)):
        urn = overlap.spell.urn
        rows = await marks.current_marks(tx, pupil_id, urn, max(overlap.start, FIRST_DAY), min(overlap.end, today))
        if not rows:
            continue
        la_code = (await schools.la_codes(tx, [urn]))[urn]
        first = await schools.raise_revision(tx, urn, by=len(rows)) - len(rows) + 1
        for revision, row in enumerate(rows, start=first):
            mark = RecordedMark(pupil_id=pupil_id, code=row.code, version=row.version, dual=True)
            events += session_recorded(LockedRegister(urn, la_code, row.date, row.session, revision), [mark])
    await publish_many(tx, events)


def json_heads(pupil_ids: Iterable[UUID], dual: Container[UUID]) -> tuple[str, ...]:
    """Return each pupil's first mark as the contract writes it, without what is at its default, up to the code.

    An object for each of a million marks a minute would cost more than all else.
    """
    return tuple(f'{{"pupil_id":"{pupil}",{_DUAL if pupil in dual else ""}"version":1,"code":' for pupil in pupil_ids)


_DUAL = '"dual":true,'


def message_of_new_marks(urn: int, heads: Iterable[str], codes: Collection[str]) -> Message:
    """Return marks that are all new as a message, caused by the request that brought them; `add_revision` completes its body."""
    ends = {code: f"{orjson.dumps(code).decode()}}}" for code in set(codes)}
    body = ",".join([head + ends[code] for head, code in zip(heads, codes, strict=True)]).encode()
    return to_message(SessionRecorded.topic, SessionRecorded.type(), str(urn), body)


def add_revision(message: Message, urn: int, la_code: str, codes: SessionCodes, revision: int) -> Message:
    """Return a message of new marks with the body of its event, of a session, under the revision of its school."""
    head = {"school": urn, "la_code": la_code, "date": codes.day, "session": codes.session, "revision": revision}
    return replace(message, body=b'%b,"marks":[%b]}' % (orjson.dumps(head)[:-1], message.body))
