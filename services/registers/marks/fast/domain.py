"""A school's roll as the fast path checks registers against it: everyone, by day, in the order in which marks are stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import compress
from uuid import UUID

from services.registers.marks.domain.registers import Enrolled, Receipt, Rejection, SessionCodes
from services.registers.marks.domain.unresolved import awaits_reason
from shared.attendance.reasons import UNRESOLVED
from shared.law import Law

DAYS_CACHED = 4
"""Rolls on a day that are kept of one school: a register is mostly of today, sometimes of another day."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class RollOnDay:
    """Everyone on the roll on every day from `first` to `last`, in the order of their ids."""

    first: date
    last: date
    upns: tuple[str, ...]
    pupils: tuple[UUID, ...]
    dual: frozenset[UUID]
    """Those whom another school may have on its roll too."""
    has_second_upns: bool
    """Whether somebody is on the roll under two UPNs."""


@dataclass(slots=True)
class SchoolRoll:
    """All pupils of a school by UPN, under the version that every change of its roll renews."""

    version: UUID
    pupils: Mapping[str, Enrolled]
    days: list[RollOnDay] = field(default_factory=list)

    def on(self, day: date) -> RollOnDay:
        """Return who is on the roll that day."""
        found = next((each for each in self.days if each.first <= day <= each.last), None)
        if found is None:
            found = self._on(day)
            self.days = [found, *self.days[: DAYS_CACHED - 1]]
        return found

    def _on(self, day: date) -> RollOnDay:
        present = sorted(((upn, pupil) for upn, pupil in self.pupils.items() if pupil.on_roll(day)), key=lambda each: each[1].pupil_id)
        ids = tuple(pupil.pupil_id for _, pupil in present)
        return RollOnDay(
            *self._unchanged_around(day),
            upns=tuple(upn for upn, _ in present),
            pupils=ids,
            dual=frozenset(pupil.pupil_id for _, pupil in present if pupil.dual(day)),
            has_second_upns=len(set(ids)) < len(ids),
        )

    def _unchanged_around(self, day: date) -> tuple[date, date]:
        """Return the first and the last day around a day on which the same pupils are on the roll, and the same of them on two."""
        changes: set[date] = set()
        for pupil in self.pupils.values():
            for start, end in (*((spell.admitted_on, spell.left_on) for spell in pupil.spells), *pupil.overlaps):
                changes.add(start)
                if end is not None and end < date.max:
                    changes.add(end + timedelta(days=1))
        first = max((each for each in changes if each <= day), default=date.min)
        after = min((each for each in changes if each > day), default=None)
        return first, date.max if after is None else after - timedelta(days=1)


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
    """Return marks, given by UPN, if every one is valid and of another pupil on the roll; otherwise None."""
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
    awaited = UNRESOLVED in valid.values() and awaits_reason(UNRESOLVED, session.day, law)
    unresolved = [pupil for pupil, code in zip(pupils, read, strict=True) if code == UNRESOLVED] if awaited else []
    return MarkColumns(marked, pupils, read, [minutes_late.get(upn) for upn in upns] if minutes_late else [], unresolved)
