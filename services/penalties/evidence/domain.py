"""Whether everything that the register holds of an offence period has been judged, and the judgement has arrived."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.domain.sessions import OffencePeriod, SchoolSession, Session
from shared.attendance.register_codes import all_codes
from shared.attendance.sessions import Half
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
    """Which mark: the record of the child, the school and the session. A school may have a child on two records."""

    record: UUID
    urn: int
    date: date
    session: Half


@dataclass(frozen=True, slots=True)
class RegisterMark:
    """A mark in the register: the code, the version that brought it, and whether the record was on the school's roll that day.

    `on_leave`: the school granted leave for the day, and has not confirmed the mark since.
    """

    code: str
    version: int
    on_roll: bool = True
    on_leave: bool = False


UNAUTHORISED_CODES = frozenset(entry.code for entry in all_codes() if entry.category == "unauthorised")
"""Codes of unauthorised absence at any time: a mark with another one, never amended and the school's only one, has nothing to be judged."""


@dataclass(frozen=True, slots=True)
class ThresholdView:
    """What thresholds has judged of a pupil: versions of marks, and the last revision that it published of each run."""

    versions: Mapping[MarkKey, int]
    runs: Mapping[UUID, int]
    set_aside: tuple[Session, ...] = ()
    """Counting sessions that closed cases set aside."""
    lost: frozenset[SchoolSession] = frozenset()
    """Sessions that are none of the pupil's, as rolls and calendars now stand."""

    def within(self, first: date, last: date) -> "ThresholdView":
        """Return the same of the days of a period alone."""
        return ThresholdView(
            {key: version for key, version in self.versions.items() if first <= key.date <= last},
            self.runs,
            tuple(session for session in self.set_aside if first <= session.date <= last),
            frozenset(each for each in self.lost if first <= each[0] <= last),
        )


def with_threshold_view(case: CaseFile, view: ThresholdView) -> CaseFile:
    """Return the case with what was asked of thresholds: sessions that a notice may rely on with a reason, and those that nothing may rest on."""
    counting = {session.slot for session in case.counting}
    aside = (session for session in view.set_aside if session.slot not in counting)
    return replace(case, counting=(*case.counting, *aside), changed=case.changed | view.lost)


def unjudged_marks(marks: Mapping[MarkKey, RegisterMark], view: ThresholdView) -> tuple[MarkKey, ...]:
    """Return the marks in the register that thresholds has not judged yet, or only in an earlier version, or before leave was granted for the day.

    Where a school marked a session on two records of the child, either mark may be the one that stands.
    """
    times = Counter(key[1:] for key, mark in marks.items() if mark.on_roll)

    def matters(key: MarkKey, mark: RegisterMark) -> bool:
        twice = mark.on_roll and times[key[1:]] > 1
        return key in view.versions or mark.version > 1 or mark.code in UNAUTHORISED_CODES or twice

    def before_leave(key: MarkKey, mark: RegisterMark) -> bool:
        alone = mark.on_roll and times[key[1:]] == 1
        return mark.on_leave and alone and mark.code in UNAUTHORISED_CODES and (key.date, key.session, key.urn) not in view.lost

    return tuple(
        key
        for key, mark in sorted(marks.items(), key=lambda each: each[0])
        if (view.versions.get(key, 0) < mark.version and matters(key, mark)) or before_leave(key, mark)
    )


def runs_behind(arrived: Mapping[UUID, int], view: ThresholdView) -> frozenset[UUID]:
    """Return the runs of which thresholds has published a later revision than the one that has arrived here."""
    return frozenset(run_id for run_id, revision in view.runs.items() if arrived.get(run_id, 0) < revision)
