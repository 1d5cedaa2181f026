"""A school's roll as its registers are checked against it: whole, by day, in the order in which marks are stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from services.registers.marks.domain.registers import Enrolled

KEPT = 4
"""Roll calls kept of one roll: a register is mostly of today, sometimes of another day."""


@dataclass(frozen=True, slots=True)
class RollCall:
    """Everyone on the roll on every day from `first` to `last`, in the order of their ids."""

    first: date
    last: date
    upns: tuple[str, ...]
    ids: tuple[UUID, ...]
    starts: tuple[str, ...]
    """What is said of each pupil, up to the code: made once, because it is said twice a day."""
    dual: frozenset[UUID]
    """Those whom another school may have on its roll too."""
    doubled: bool
    """Somebody is on it under two UPNs."""


@dataclass(slots=True)
class WholeRoll:
    """All pupils of a school by UPN, under the roll_version that every change of its roll renews."""

    roll_version: UUID
    pupils: Mapping[str, Enrolled]
    calls: list[RollCall] = field(default_factory=list)

    def call(self, day: date) -> RollCall:
        """Return who is on the roll that day."""
        found = next((each for each in self.calls if each.first <= day <= each.last), None)
        if found is None:
            found = self._call(day)
            self.calls = [found, *self.calls[: KEPT - 1]]
        return found

    def _call(self, day: date) -> RollCall:
        present = sorted(((upn, pupil) for upn, pupil in self.pupils.items() if pupil.on_roll(day)), key=lambda each: each[1].pupil_id)
        first, last = self._unchanged_around(day)
        return RollCall(
            first,
            last,
            tuple(upn for upn, _ in present),
            tuple(pupil.pupil_id for _, pupil in present),
            tuple(_start(pupil, day) for _, pupil in present),
            frozenset(pupil.pupil_id for _, pupil in present if pupil.dual(day)),
            len({pupil.pupil_id for _, pupil in present}) < len(present),
        )

    def _unchanged_around(self, day: date) -> tuple[date, date]:
        """Return the days around a day on which the same pupils are on the roll, and the same of them on two."""
        changes: set[date] = set()
        for pupil in self.pupils.values():
            for start, end in (*((spell.admitted_on, spell.left_on) for spell in pupil.spells), *pupil.shared):
                changes.add(start)
                if end is not None and end < date.max:
                    changes.add(end + timedelta(days=1))
        first = max((each for each in changes if each <= day), default=date.min)
        after = min((each for each in changes if each > day), default=None)
        return first, date.max if after is None else after - timedelta(days=1)


def _start(pupil: Enrolled, day: date) -> str:
    dual = '"dual":true,' if pupil.dual(day) else ""
    return f'{{"pupil_id":"{pupil.pupil_id}",{dual}"version":1,"code":'
