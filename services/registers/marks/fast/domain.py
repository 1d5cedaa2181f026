"""The check of a register that is sent in columns: it passes as a whole, or is left to the full path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from uuid import UUID

from services.registers.marks.domain.granted_leave import LEAVE_CODES
from services.registers.marks.domain.registers import Receipt, Rejection, SessionCodes
from services.registers.marks.domain.school_rolls import RollOnDay
from services.registers.marks.domain.unresolved import awaits_reason
from shared.attendance.reasons import UNRESOLVED
from shared.law import Law


@dataclass(frozen=True, slots=True)
class MarkColumns:
    """A register's marks in the order of the pupils' ids."""

    marked: Sequence[bool]
    """Who of the roll has a mark; none at all where everyone has."""
    pupils: Sequence[UUID]
    codes: Sequence[str]
    minutes_late: Sequence[int | None]
    """None at all where nobody was late."""
    unresolved: Sequence[UUID]
    """Those whose reason must still come."""


@dataclass(frozen=True, slots=True)
class CheckedRegister:
    """A register of valid marks only, checked against this version of its school's roll."""

    urn: int
    roll_version: UUID
    session: SessionCodes
    receipt: Receipt
    marks: MarkColumns


def check_columns(
    roll: RollOnDay, session: SessionCodes, codes: Mapping[str, str], minutes_late: Mapping[str, int], law: Law
) -> MarkColumns | None:
    """Return marks, given by UPN, if every one is valid and of another pupil on the roll; otherwise None.

    None too where a mark contradicts leave that was granted: the full path publishes it as such.
    """
    readings = {code: session.read(code) for code in set(codes.values())}
    valid = {code: reading for code, reading in readings.items() if reading is not None and not isinstance(reading, Rejection)}
    upns, pupils, marked = roll.upns, roll.pupils, []
    if len(codes) < len(upns):
        marked = [upn in codes for upn in upns]
        upns, pupils = tuple(compress(upns, marked)), tuple(compress(pupils, marked))
    if len(valid) < len(readings) or len(upns) != len(codes) or (roll.has_second_upns and len(set(pupils)) < len(pupils)):
        return None
    try:
        read = [valid[codes[upn]] for upn in upns]
    except KeyError:
        return None
    on_leave = roll.on_leave(session.day, session.session) if roll.leave else ()
    if on_leave and any(code not in LEAVE_CODES for pupil, code in zip(pupils, read, strict=True) if pupil in on_leave):
        return None
    awaited = UNRESOLVED in valid.values() and awaits_reason(UNRESOLVED, session.day, law)
    unresolved = [pupil for pupil, code in zip(pupils, read, strict=True) if code == UNRESOLVED] if awaited else []
    return MarkColumns(marked, pupils, read, [minutes_late.get(upn) for upn in upns] if minutes_late else [], unresolved)
