"""A school's roll as registers are checked against it: everyone, by day, in the order in which marks are stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from services.registers.marks.domain.granted_leave import GrantedLeave
from services.registers.marks.domain.registers import Enrolled
from shared.attendance.sessions import Half

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
    leave: tuple[GrantedLeave, ...]
    """Leave that the school granted, of every session of these days or of some."""

    def on_leave(self, day: date, half: Half) -> frozenset[UUID]:
        """Return those to whom the school granted leave for a session of these days."""
        return frozenset(each.pupil_id for each in self.leave if each.covers(day, half))


@dataclass(slots=True)
class SchoolRoll:
    """All pupils of a school by UPN, under the version that every change of its roll renews."""

    version: UUID
    pupils: Mapping[str, Enrolled]
    leave: Sequence[GrantedLeave] = ()
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
            leave=tuple(each for each in self.leave if each.spans(day)),
        )

    def _unchanged_around(self, day: date) -> tuple[date, date]:
        """Return the first and the last day around a day on which the same pupils are on the roll, the same of them on two or on leave."""
        changes: set[date] = set()
        for pupil in self.pupils.values():
            changes |= _changes(*((spell.admitted_on, spell.left_on) for spell in pupil.spells), *pupil.overlaps)
        changes |= _changes(*((each.starts_on, each.ends_on) for each in self.leave))
        first = max((each for each in changes if each <= day), default=date.min)
        after = min((each for each in changes if each > day), default=None)
        return first, date.max if after is None else after - timedelta(days=1)


def _changes(*periods: tuple[date, date | None]) -> set[date]:
    """Return the days on which a period begins, or has just ended."""
    return {start for start, _ in periods} | {end + timedelta(days=1) for _, end in periods if end is not None and end < date.max}
