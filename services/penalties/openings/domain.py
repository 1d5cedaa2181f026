"""A case that a named person opens: on the sessions that count that day, whether they meet the threshold or not."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.facts import Case
from services.penalties.case_file.domain.notices import Findings
from services.penalties.case_file.domain.refusals import Refusal, Refusals
from services.penalties.case_file.domain.sessions import Session
from shared.attendance.dates import add_months
from shared.attendance.sessions import Half
from shared.law import Law

CaseKind = Literal["attendance", "exclusion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What thresholds has judged of a pupil: all that counts, and how the threshold was met, if it was."""

    counting: tuple[Session, ...] = ()
    crossing: tuple[Session, ...] = ()
    window: tuple[date, date] | None = None
    holiday: tuple[date, date] | None = None
    findings: Findings = ()

    @property
    def is_met(self) -> bool:
        """Whether the threshold is met."""
        return bool(self.crossing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Who opens a case about whom, at which school, and why."""

    case_id: UUID
    run_id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    opened_on: date
    reason: str
    by: str
    role: str


def opening_refusals(standing: Standing, law: Law, today: date) -> Refusals:
    """Return why no case can be opened by hand: below the threshold it takes the policy of the authority."""
    if not standing.is_met and not law.at("below_threshold", today).value:
        text = "The threshold is not met: by the policy of the school's authority, no case is opened below it."
        return (Refusal("below-threshold", text),)
    return ()


def case_by_hand(opening: Opening, standing: Standing, law: Law) -> Case:
    """Return the case. Below the threshold it rests on every session that counts, and is marked so.

    Its first time bar is six months after the earliest session (Magistrates' Courts Act 1980 s.127); without one, after its opening.
    """
    sessions = standing.crossing or standing.counting
    last: tuple[date, Half] = (sessions[-1].date, sessions[-1].session) if sessions else (opening.opened_on, "AM")
    earliest = sessions[0].date if sessions else opening.opened_on
    return Case(
        id=opening.case_id,
        pupil_id=opening.pupil_id,
        urn=opening.urn,
        la_code=opening.la_code,
        status="open",
        opened_on=opening.opened_on,
        run_id=opening.run_id,
        policy=law.pack,
        threshold="met" if standing.is_met else "below",
        met_on=last[0],
        met_session=last[1],
        window_from=standing.window[0] if standing.window else _monday(earliest),
        window_to=standing.window[1] if standing.window else _monday(last[0]) + timedelta(weeks=1) - timedelta(days=1),
        sessions=sessions,
        counting=standing.counting,
        counts=dict(sorted(Counter(each.code for each in sessions).items())),
        holiday=standing.holiday is not None,
        holiday_from=standing.holiday[0] if standing.holiday else None,
        holiday_to=standing.holiday[1] if standing.holiday else None,
        earliest_time_bar=add_months(earliest, law.at("time_bar_months", earliest).value),
        findings=standing.findings,
        by_hand=True,
        opening_reason=opening.reason,
        opened_by=opening.by,
        opened_by_role=opening.role,
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
