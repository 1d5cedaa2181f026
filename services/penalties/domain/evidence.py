"""Whether everything that the register holds of an offence period has been judged, and the judgement has arrived."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from services.penalties.domain.facts import Case, Session
from shared.attendance.register_codes import all_codes


class Place(NamedTuple):
    """Where a mark stands: the record of the child, the school and the session. A school may have a child on two records."""

    record: UUID
    urn: int
    date: date
    session: str


def place_of(mark: Mapping[str, Any]) -> Place:
    """Return the place of a mark as the other services show it."""
    return Place(UUID(mark["pupil_id"]), mark["urn"], date.fromisoformat(mark["date"]), mark["session"])


@dataclass(frozen=True, slots=True)
class Held:
    """A mark that the register holds: the code, the version that brought it, and whether the record was on the school's roll that day."""

    code: str
    version: int
    on_roll: bool = True


ABSENT = frozenset(entry.code for entry in all_codes() if entry.category == "unauthorised")
"""Codes of unauthorised absence at any time: a mark with another one, never amended and the school's only one, has nothing to be judged."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What thresholds has judged of a pupil: versions of marks, and the last revision that it said of each run."""

    versions: Mapping[Place, int]
    runs: Mapping[UUID, int]
    set_aside: tuple[Session, ...] = ()
    """Counting sessions that closed cases set aside."""
    lost: frozenset[tuple[date, str, int]] = frozenset()
    """Marks (date, session, school) whose session is none of the pupil's, as rolls and calendars now stand."""


def as_judged(case: Case, judged: Judged) -> Case:
    """Return the case with what was asked of thresholds: sessions that a notice may rely on with a reason, and those that nothing may rest on."""
    known = {session.slot for session in case.counting}
    aside = (session for session in judged.set_aside if session.slot not in known)
    return replace(case, counting=(*case.counting, *aside), changed=case.changed | judged.lost)


def not_judged(marks: Mapping[Place, Held], judged: Judged) -> tuple[Place, ...]:
    """Return where the register holds a mark of which the judgement knows nothing yet or only an earlier version.

    Where a school marked a session on two records of the child, either mark may be the one that stands.
    """
    times = Counter(place[1:] for place, mark in marks.items() if mark.on_roll)

    def matters(place: Place, mark: Held) -> bool:
        twice = mark.on_roll and times[place[1:]] > 1
        return place in judged.versions or mark.version > 1 or mark.code in ABSENT or twice

    return tuple(place for place in sorted(marks) if judged.versions.get(place, 0) < marks[place].version and matters(place, marks[place]))


def not_heard(heard: Mapping[UUID, int], judged: Judged) -> frozenset[UUID]:
    """Return the runs that were said at a later revision than the one that has arrived here."""
    return frozenset(run_id for run_id, revision in judged.runs.items() if heard.get(run_id, 0) < revision)
