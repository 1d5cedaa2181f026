"""`session-recorded` events, decoded for the marks that may matter here: two or three of a hundred."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import msgspec

from services.thresholds.domain.facts import Mark, unauthorised_codes
from services.thresholds.domain.pupils import NewMark
from services.thresholds.domain.sessions import Session
from shared.attendance.sessions import Half
from shared.contracts.registers import PUPIL_BYTES


@dataclass(frozen=True, slots=True)
class RegisterMarks:
    """A register, or a part of one: the marks in it that may ever matter, and whether it holds any at all."""

    school: int
    session: Session
    any_marks: bool
    new_marks: Sequence[tuple[UUID, NewMark]]


class _Mark(msgspec.Struct, gc=False):
    pupil_id: str
    code: str
    version: int
    previous_code: str | None = None
    dual: bool = False
    covered_by_leave: bool = False


class _Register(msgspec.Struct, gc=False):
    """What a `SessionRecorded` must hold; the contract has the meaning of each field."""

    school: int
    la_code: str
    date: date
    session: Half
    revision: int
    marks: list[_Mark]


class _NewMarks(msgspec.Struct, gc=False):
    """What a `SessionRecordedV2` must hold."""

    school: int
    la_code: str
    date: date
    session: Half
    revision: int
    pupils: bytes
    codes: str


_DECODER, _COMPACT_DECODER = msgspec.json.Decoder(_Register), msgspec.json.Decoder(_NewMarks)


def decode(body: bytes) -> RegisterMarks:
    """Return a register from an event's body; raise ValueError where the body breaks the contract.

    Marks that cannot matter are left out (`NewMark.matters` has the rule).
    """
    register = _DECODER.decode(body)
    session, absent = Session(register.date, register.session), unauthorised_codes(register.date)
    new_marks = [
        (
            UUID(each.pupil_id),
            NewMark(
                Mark(session, register.school, each.code, each.version, each.covered_by_leave, register.revision),
                each.previous_code,
                each.dual,
            ),
        )
        for each in register.marks
        if each.code in absent or each.version > 1 or each.dual or each.previous_code in absent
    ]
    return RegisterMarks(register.school, session, bool(register.marks), new_marks)


def decode_compact(body: bytes) -> RegisterMarks:
    """Return a register from the body of an event in the compact form, as `decode` does."""
    register = _COMPACT_DECODER.decode(body)
    session, absent = Session(register.date, register.session), unauthorised_codes(register.date)
    codes = register.codes.split(",")
    if len(register.pupils) != PUPIL_BYTES * len(codes):
        raise ValueError("there must be a code for each pupil")
    new_marks = [
        (
            UUID(bytes=register.pupils[number * PUPIL_BYTES : (number + 1) * PUPIL_BYTES]),
            NewMark(Mark(session, register.school, code, 1, revision=register.revision)),
        )
        for number, code in enumerate(codes)
        if code in absent
    ]
    return RegisterMarks(register.school, session, True, new_marks)
