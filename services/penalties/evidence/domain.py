"""Whether everything that the register holds of an offence period has been judged, and the judgement has arrived."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from services.penalties.case_file.domain.facts import Case, OffencePeriod, Session
from shared.attendance.register_codes import all_codes
from shared.law import Law
from shared.problems import Invalid


class OffencePeriodInvalid(Invalid):
    """No penalty notice can be issued for this offence period."""


class OffencePeriodAcrossFrameworks(OffencePeriodInvalid):
    """The offence period lies on both sides of 19 August 2024: split it."""


def check_period(law: Law, offence: OffencePeriod, today: date) -> None:
    """Raise where no notice can be issued for such a period, whatever the case.

    Offences before 19 August 2024 stand under the earlier law: they are recorded as history, and none is issued.
    """
    if offence.end < offence.start:
        raise OffencePeriodInvalid("The offence period ends before it begins.")
    if offence.end > today:
        raise OffencePeriodInvalid("The offence period ends in the future.")
    begins, ends = (law.at("counts_to_cap", day).value for day in (offence.start, offence.end))
    if begins != ends:
        raise OffencePeriodAcrossFrameworks("Issue for the absences from 19 August 2024 alone.")
    if not begins:
        raise OffencePeriodInvalid("Offences before 19 August 2024 are recorded as history; no notice is issued for them here.")


class MarkKey(NamedTuple):
    """Where a mark stands: the record of the child, the school and the session. A school may have a child on two records."""

    record: UUID
    urn: int
    date: date
    session: str


def mark_key(mark: Mapping[str, Any]) -> MarkKey:
    """Return the place of a mark as the other services show it."""
    return MarkKey(UUID(mark["pupil_id"]), mark["urn"], date.fromisoformat(mark["date"]), mark["session"])


@dataclass(frozen=True, slots=True)
class RegisterMark:
    """A mark that the register holds: the code, the version that brought it, and whether the record was on the school's roll that day."""

    code: str
    version: int
    on_roll: bool = True


UNAUTHORISED_CODES = frozenset(entry.code for entry in all_codes() if entry.category == "unauthorised")
"""Codes of unauthorised absence at any time: a mark with another one, never amended and the school's only one, has nothing to be judged."""


@dataclass(frozen=True, slots=True)
class ThresholdView:
    """What thresholds has judged of a pupil: versions of marks, and the last revision that it said of each run."""

    versions: Mapping[MarkKey, int]
    runs: Mapping[UUID, int]
    set_aside: tuple[Session, ...] = ()
    """Counting sessions that closed cases set aside."""
    lost: frozenset[tuple[date, str, int]] = frozenset()
    """Marks (date, session, school) whose session is none of the pupil's, as rolls and calendars now stand."""


def with_threshold_view(case: Case, judged: ThresholdView) -> Case:
    """Return the case with what was asked of thresholds: sessions that a notice may rely on with a reason, and those that nothing may rest on."""
    known = {session.slot for session in case.counting}
    aside = (session for session in judged.set_aside if session.slot not in known)
    return replace(case, counting=(*case.counting, *aside), changed=case.changed | judged.lost)


def unjudged_marks(marks: Mapping[MarkKey, RegisterMark], judged: ThresholdView) -> tuple[MarkKey, ...]:
    """Return where the register holds a mark of which the judgement knows nothing yet or only an earlier version.

    Where a school marked a session on two records of the child, either mark may be the one that stands.
    """
    times = Counter(place[1:] for place, mark in marks.items() if mark.on_roll)

    def matters(place: MarkKey, mark: RegisterMark) -> bool:
        twice = mark.on_roll and times[place[1:]] > 1
        return place in judged.versions or mark.version > 1 or mark.code in UNAUTHORISED_CODES or twice

    return tuple(place for place in sorted(marks) if judged.versions.get(place, 0) < marks[place].version and matters(place, marks[place]))


def runs_behind(heard: Mapping[UUID, int], judged: ThresholdView) -> frozenset[UUID]:
    """Return the runs that were said at a later revision than the one that has arrived here."""
    return frozenset(run_id for run_id, revision in judged.runs.items() if heard.get(run_id, 0) < revision)
