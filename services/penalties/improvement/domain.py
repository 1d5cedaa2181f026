"""Notices to Improve: when one may be issued, how long it runs, and how it may end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.courses import latest_notice
from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.domain.matters import ended_refusals
from services.penalties.case_file.domain.notices import FAILED, Contact, ImprovementNotice
from services.penalties.case_file.domain.refusals import Refusal, Refusals, liability_refusals, match_refusals, standing_refusals
from services.penalties.case_file.domain.sessions import Session
from services.penalties.case_file.domain.transitions import Transitions, transition
from shared.attendance.dates import school_year
from shared.law import Finding, Law
from shared.problems import Conflict

ImprovementOutcome = Literal["met", "failed", "failed-early", "cancelled"]
TRANSITIONS: Transitions = {
    ("issued", "served"): "notice-served",
    ("issued", "cancelled"): "improvement-ended",
    ("served", "met"): "improvement-ended",
    ("served", "failed"): "improvement-ended",
    ("served", "failed-early"): "improvement-ended",
    ("served", "cancelled"): "improvement-ended",
}


def move_improvement_notice(status: str, to: str) -> str:
    """Move a Notice to Improve to another status."""
    return transition(TRANSITIONS, status, to)


class CalendarMissing(Conflict):
    """The calendar of the school does not cover the six whole school weeks."""


@dataclass(frozen=True, slots=True)
class ImprovementTerms:
    """What a Notice to Improve offers and expects, as its letter prints it."""

    support_offered: str
    support_available: str
    contact: Contact
    expected_improvement: str
    early_grounds: str | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which a school holds sessions, and the school years that its calendars cover."""

    urn: int
    years: frozenset[str]
    open_days: frozenset[date]


@dataclass(frozen=True, slots=True)
class ImprovementPeriod:
    """First and last day of a Notice to Improve, with the finding that explains them."""

    served_on: date
    starts_on: date
    ends_on: date
    finding: Finding


def improvement_period(law: Law, served_on: date, calendar: Calendar) -> ImprovementPeriod:
    """Return the whole school weeks that a Notice to Improve served on `served_on` gives (Essex: six).

    The first is the week of service if it is served on or before that week's first school day, otherwise the next school week; it starts
    with that week's first school day and ends with the last school day of the last week. Raises CalendarMissing, naming the school year.
    """
    provision = law.at("improvement_weeks", served_on)
    weeks: list[Sequence[date]] = []
    monday = served_on - timedelta(days=served_on.weekday())
    while len(weeks) < provision.value:
        days = _open_days(calendar, monday)
        if days and (weeks or served_on <= days[0]):
            weeks.append(days)
        monday += timedelta(days=7)
    starts_on, ends_on = weeks[0][0], weeks[-1][-1]
    finding = provision.finding(
        "improvement period",
        served_on=served_on,
        starts_on=starts_on,
        ends_on=ends_on,
        school=calendar.urn,
        weeks=[week[0] for week in weeks],
    )
    return ImprovementPeriod(served_on, starts_on, ends_on, finding)


def _open_days(calendar: Calendar, monday: date) -> list[date]:
    week = [monday + timedelta(days=number) for number in range(5)]
    for day in week:
        if school_year(day) not in calendar.years:
            raise CalendarMissing(
                f"School {calendar.urn} has sent no calendar for {school_year(day)}.", urn=calendar.urn, year=school_year(day)
            )
    return [day for day in week if day in calendar.open_days]


def improvement_notice_refusals(case: CaseFile, parent_ids: Iterable[UUID]) -> Refusals:
    """Return what is missing for a Notice to Improve to each of these parents.

    Only after the threshold was met (Essex), by a named person's decision for that parent; where N counts, no session relied on may be N.
    """
    refusals = [*standing_refusals(case)]
    if any(session.code == "N" for session in case.sessions):
        refusals.append(Refusal("reason-not-established", "A session relied on is still N: its reason has yet to be established."))
    if case.threshold == "below":
        refusals.append(Refusal("below-threshold", "A Notice to Improve is issued only where the threshold was met."))
    refusals += _changed_mark_refusals(case)
    if not case.sessions:
        refusals.append(Refusal("no-sessions", "There is no session to rely on."))
    for parent_id in parent_ids:
        refusals += _parent_refusals(case, parent_id)
    return tuple(refusals)


def _changed_mark_refusals(case: CaseFile) -> Iterable[Refusal]:
    """Yield what the change of a mark behind the case means for a notice that would rely on it.

    A run that a notice or a charge has used up, and one that was withdrawn, is not judged again by what changes afterwards.
    """
    if case.threshold != "met" or not any(session.at_school in case.changed for session in case.sessions):
        return
    spent = frozenset().union(*case.spent.values())
    if any(session.slot in spent for session in case.sessions):
        yield Refusal(
            "mark-changed",
            "The mark of a session relied on has changed since, and a penalty notice or a charge has used these sessions: "
            "the threshold is not judged again by them. A new Notice to Improve needs a case on later sessions.",
        )
    else:
        yield Refusal("mark-changed", "The mark of a session relied on has just changed: the threshold is being judged again.")


def _parent_refusals(case: CaseFile, parent_id: UUID) -> Iterable[Refusal]:
    own = [n for n in case.improvement_notices if n.parent_id == parent_id]
    if any(n.running for n in own):
        yield Refusal("already-running", "A Notice to Improve to this parent is running.", parent_id)
    if parent_id in case.warned_elsewhere:
        yield Refusal("already-running", "A Notice to Improve to this parent is running in another case of the child.", parent_id)
    used = max((n.issued_at for n in own if n.status != "cancelled"), default=None)
    decided = [d for d in case.decisions if d.decision == "notice-to-improve" and parent_id in d.parent_ids]
    if not any(used is None or d.decided_at > used for d in decided):
        yield Refusal("decision", "No decision for a Notice to Improve names this parent.", parent_id)
    yield from liability_refusals(case, (parent_id,))
    yield from ended_refusals(case, parent_id)
    yield from match_refusals(case, parent_id)


def outcome_refusals(notice: ImprovementNotice, outcome: ImprovementOutcome, today: date) -> Refusals:
    """Return why a named person cannot record this outcome today.

    Met or failed only when the period is over; early only failed, on the grounds that the notice printed (Working together: it must name them).
    """
    if not notice.running:
        return (Refusal("ended", "The outcome has been recorded."),)
    if outcome == "cancelled":
        return ()
    if notice.served_on is None or notice.ends_on is None:
        return (Refusal("not-served", "The notice has not been served, or its dates are not known yet."),)
    refusals = []
    if notice.served_on > today:
        refusals.append(Refusal("not-served", f"The notice counts as served on {notice.served_on}."))
    if outcome in {"met", "failed"} and today <= notice.ends_on:
        refusals.append(Refusal("still-running", f"The period ends on {notice.ends_on}."))
    if outcome == "failed-early" and not notice.early_grounds:
        refusals.append(Refusal("no-early-grounds", "The notice printed no grounds on which it may fail before its end."))
    if outcome in FAILED and notice.held:
        refusals.append(Refusal("held", "A mark relied on has changed or the letter came back, and no officer has cleared it."))
    return tuple(refusals)


def after_warning(counting: Iterable[Session], served_on: date) -> tuple[Session, ...]:
    """Return the counting sessions from the day after service: absence after warning."""
    return tuple(session for session in counting if session.date > served_on)


def shown_status(status: str, ends_on: date | None, today: date) -> str:
    """Return the status that people see: `ended` once the time is over and no outcome is recorded."""
    return "ended" if status == "served" and ends_on is not None and ends_on < today else status


def support_refusals(case: CaseFile, parent_id: UUID, reason: str | None) -> Iterable[Refusal]:
    """Yield what is missing of the support that comes first: a failed Notice to Improve, or the reason why there is none."""
    notice = latest_notice(case, parent_id)
    if notice is not None and notice.running:
        yield Refusal("notice-to-improve-running", "The Notice to Improve to this parent is running.", parent_id)
    elif parent_id in case.warned_elsewhere:
        text = "A Notice to Improve to this parent is running in another case of the child."
        yield Refusal("notice-to-improve-running", text, parent_id)
    elif not reason and (notice is None or notice.status not in FAILED):
        text = "No Notice to Improve to this parent failed, and the decision gives no reason why none was served."
        yield Refusal("notice-to-improve", text, parent_id)
