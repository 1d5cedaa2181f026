"""`session-recorded`: the one place in which the event of a register is put together, as an object or, on the fast path, as JSON.

A register of first marks alone is published in the compact form (`SessionRecordedV2`) where every reader is known to take it.
"""

from base64 import b64encode
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

import orjson

from services.registers.marks.domain.registers import Accepted, LockedRegister, SessionCodes, StoredMark
from shared.contracts.registers import RecordedMark, SessionRecorded, SessionRecordedV2
from shared.messaging import draft_message, with_body
from shared.messaging.messages import Message
from shared.settings import settings

MARKS_PER_EVENT = 1000
FIRST_DAY = date(2006, 9, 1)
"""No code table is older (`shared/attendance/register_codes.toml`), so no mark is."""


def recorded_marks(
    changed: Iterable[StoredMark], replaced: Mapping[UUID, str], accepted: Mapping[UUID, Accepted], against_leave: Container[UUID] = ()
) -> list[RecordedMark]:
    """Return the marks to publish among those that were stored: those whose code is not the one that it replaced.

    `against_leave`: pupils to whom leave was granted for that day, which their mark contradicts. Other minutes alone are a new version of the evidence, and nothing that another service weighs.
    """
    return [
        RecordedMark(
            pupil_id=mark.pupil_id,
            code=mark.code,
            previous_code=replaced.get(mark.pupil_id),
            version=mark.version,
            dual=accepted[mark.pupil_id].dual,
            covered_by_leave=mark.pupil_id in against_leave,
        )
        for mark in changed
        if mark.code != replaced.get(mark.pupil_id)
    ]


def session_recorded(register: LockedRegister, recorded: list[RecordedMark]) -> list[SessionRecorded | SessionRecordedV2]:
    """Return the events of these marks: the first has the register's revision, each further one, for a thousand marks more, the next."""
    return [
        _event(register, register.revision + start // MARKS_PER_EVENT, recorded[start : start + MARKS_PER_EVENT])
        for start in range(0, len(recorded), MARKS_PER_EVENT)
    ]


def _event(register: LockedRegister, revision: int, recorded: Sequence[RecordedMark]) -> SessionRecorded | SessionRecordedV2:
    if may_be_compact() and all(mark.version == 1 and not mark.dual and not mark.covered_by_leave for mark in recorded):
        packed = _packed(mark.pupil_id for mark in recorded)
        return SessionRecordedV2.of(
            register, school=register.urn, revision=revision, pupils=packed, codes=",".join(mark.code for mark in recorded)
        )
    return SessionRecorded.of(register, school=register.urn, revision=revision, marks=recorded)


def may_be_compact() -> bool:
    """Return whether registers of first marks may be published in the compact form: whether all that read them know it."""
    return settings().publishes_compact_registers


def json_of_pupils(pupil_ids: Iterable[UUID]) -> bytes:
    """Return pupils as the compact form writes them, up to the codes."""
    return f'"pupils":"{_packed(pupil_ids)}","codes":'.encode()


def _packed(pupil_ids: Iterable[UUID]) -> str:
    return b64encode(b"".join([pupil.bytes for pupil in pupil_ids])).decode()


def compact_message(urn: int, pupils: bytes, codes: Iterable[str]) -> Message:
    """Return marks that are all new, of pupils on no other roll, as a message like that of `message_of_new_marks`; `pupils`: as JSON."""
    return draft_message(SessionRecordedV2.topic, SessionRecordedV2.type(), str(urn), pupils + orjson.dumps(",".join(codes)))


def json_heads(pupil_ids: Iterable[UUID], dual: Container[UUID]) -> tuple[str, ...]:
    """Return each pupil's first mark as the contract writes it, without what is at its default, up to the code.

    An object for each of a million marks a minute would cost more than all else.
    """
    return tuple(f'{{"pupil_id":"{pupil}",{_DUAL if pupil in dual else ""}"version":1,"code":' for pupil in pupil_ids)


_DUAL = '"dual":true,'


def message_of_new_marks(urn: int, heads: Iterable[str], codes: Collection[str]) -> Message:
    """Return marks that are all new as a message, caused by the request that brought them; `add_revision` completes its body."""
    ends = {code: f"{orjson.dumps(code).decode()}}}" for code in set(codes)}
    marks = ",".join([head + ends[code] for head, code in zip(heads, codes, strict=True)])
    return draft_message(SessionRecorded.topic, SessionRecorded.type(), str(urn), b'"marks":[%b]' % marks.encode())


def add_revision(message: Message, urn: int, la_code: str, codes: SessionCodes, revision: int) -> Message:
    """Return a message of new marks with the body of its event, of a session, under the revision of its school."""
    head = {"school": urn, "la_code": la_code, "date": codes.day, "session": codes.session, "revision": revision}
    return with_body(message, b"%b,%b}" % (orjson.dumps(head)[:-1], message.body))
