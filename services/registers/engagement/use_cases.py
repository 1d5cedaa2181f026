"""A pupil's attendance and engagement in a period, in all and at each school that the caller may see."""

from dataclasses import dataclass
from datetime import date

from services.registers.engagement.domain import AbsenceMark, Engagement, MarkAtSchool, engagement, findings, first_day
from services.registers.law import NATIONAL
from services.registers.marks.domain.register_times import Flag
from services.registers.pupils.use_cases.history import read_marks
from services.registers.schools.domain.calendars import bounds
from services.registers.schools.use_cases.access import own_schools
from shared import clock
from shared.attendance.dates import school_year
from shared.database import Transaction
from shared.http import CallerInfo
from shared.law import Finding
from shared.problems import Invalid

NOT_COUNTED = frozenset({Flag.NOT_HELD, Flag.OFF_ROLL, Flag.UNCONFIRMED})
"""Flags of marks that are no sessions of the pupil."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a pupil, at one school or at all of them, each session once."""

    counts: Engagement
    absence_mark: AbsenceMark | None


@dataclass(frozen=True, slots=True)
class PupilEngagement:
    """A pupil's figures of a period."""

    upn: str
    start: date
    end: date
    total: Figures
    schools: dict[int, Figures]
    findings: tuple[Finding, ...]


async def read_engagement(tx: Transaction, caller: CallerInfo, upn: str, first: date | None, last: date | None) -> PupilEngagement:
    """Return a pupil's figures from a day (none: the first of the school year) to a day (none: today); raise PupilNotFound.

    A school sees those of its own registers and of the schools that it continues.
    """
    end = last or clock.today()
    begins = first_day(NATIONAL)
    start = first or max(bounds(school_year(end))[0], begins)
    if start < begins:
        raise Invalid(f"There are figures from {begins} on.")
    histories = await read_marks(tx, caller, upn, start, end, await own_schools(tx, caller))
    marks = [MarkAtSchool(each.date, each.session, each.urn, each.code) for each in histories if not NOT_COUNTED & set(each.flags)]
    total = _figures(marks, end)
    at_schools = {urn: _figures([each for each in marks if each.urn == urn], end) for urn in sorted({each.urn for each in marks})}
    return PupilEngagement(upn, start, end, total, at_schools, findings(total.counts, NATIONAL, end))


def _figures(marks: list[MarkAtSchool], day: date) -> Figures:
    counts = engagement(marks, NATIONAL)
    return Figures(counts, counts.absence_mark(NATIONAL, day))
