"""The rule: ten sessions of unauthorised absence in ten school weeks."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from services.thresholds.domain.counting import CountingSession, Disagreement, FlaggedMark, classify_marks
from services.thresholds.domain.facts import History, Policies, Schools, unauthorised_codes
from services.thresholds.domain.holiday import single_holiday
from services.thresholds.domain.sessions import Session, Span
from services.thresholds.domain.weeks import SchoolWeeks
from shared.attendance.dates import add_months
from shared.law import Finding, Law

Status = Literal["below", "approaching", "met"]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where the threshold was met: the last of `sessions`, within the school weeks that begin on `weeks`."""

    sessions: tuple[CountingSession, ...]
    weeks: tuple[date, ...]

    @property
    def at(self) -> CountingSession:
        """The session at which the count was reached."""
        return self.sessions[-1]

    @property
    def window(self) -> Span:
        """From the Monday of the first school week to the Sunday of the last."""
        return _window(self.weeks)

    @property
    def counts(self) -> dict[str, int]:
        """How many of the sessions have which code."""
        return dict(sorted(Counter(each.code for each in self.sessions).items()))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where the law puts a pupil by the facts."""

    status: Status
    count: int
    """Sessions at the crossing; otherwise in the window that ends in the week of the latest counting session."""
    counting: tuple[CountingSession, ...] = ()
    """Every counting session that is neither spent nor set aside."""
    crossing: Crossing | None = None
    holiday: Span | None = None
    policy: str | None = None
    earliest_time_bar: date | None = None
    flagged: tuple[FlaggedMark, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    findings: tuple[Finding, ...] = ()
    set_aside: tuple[CountingSession, ...] = ()
    """The counting sessions that closed cases set aside and nothing has spent: only where somebody asks for them."""

    @property
    def named(self) -> CountingSession | None:
        """The session whose authority's law explains the judgement: that of the crossing, or the latest; None where nothing counts."""
        return self.crossing.at if self.crossing else self.counting[-1] if self.counting else None


NOTHING_COUNTS = Judgement("below", 0)
"""The judgement of a pupil without any fact."""


def judge(history: History, policies: Policies, weeks: SchoolWeeks | None = None) -> Judgement:
    """Judge a pupil's history (Working together to improve school attendance, national framework; the law packs have the numbers).

    The threshold is met at the first session whose window, up to and including it, holds the number required. Numbers and codes are
    those in force on the day of the session, of the authority of its school. The result depends on the facts alone, not on their order.
    `weeks`: the pupil's school weeks, where they were worked out before.
    """
    marks = classify_marks(_not_set_aside(history), policies)
    if not marks.counting:
        return Judgement("below", 0, flagged=marks.flagged, disagreements=marks.disagreements)
    unspent = [each for each in marks.counting if each.session not in history.spent]
    found = Judgement("below", 0, tuple(unspent), flagged=marks.flagged, disagreements=marks.disagreements)
    latest = (unspent or marks.counting)[-1]
    weeks = weeks or SchoolWeeks(history.spells, history.years)
    crossing = _first_crossing(unspent, weeks, policies)
    found = _met(found, unspent, crossing, history, policies) if crossing else _not_met(found, unspent, latest, weeks, policies)
    law, day = policies(latest.la_code), latest.session.date
    left_out = _left_out(found, law, day, spent=len(marks.counting) - len(unspent))
    return replace(found, findings=(*_too_early(history, law, day), *found.findings, *left_out))


def set_aside(history: History, policies: Policies) -> tuple[CountingSession, ...]:
    """Return the unspent counting sessions that closed cases set aside: they raise no alert, and a later notice may still rely on them."""
    if history.aside.to is None:
        return ()
    marks = tuple(mark for mark in history.marks if history.aside.covers(mark.session))
    counting = classify_marks(replace(history, marks=marks), policies).counting
    return tuple(each for each in counting if each.session not in history.spent)


def judge_with_set_aside(history: History, policies: Policies) -> Judgement:
    """Return a judgement that names the sessions set aside too, with a finding that they were left out."""
    judgement, sessions = judge(history, policies), set_aside(history, policies)
    if not sessions:
        return judgement
    last = sessions[-1]
    left_out = policies(last.la_code).at("threshold_sessions", last.session.date).finding("left out", set_aside=len(sessions))
    return replace(judgement, set_aside=sessions, findings=(*judgement.findings, left_out))


def _not_set_aside(history: History) -> History:
    if history.aside.to is None:
        return history
    return replace(history, marks=tuple(mark for mark in history.marks if not history.aside.covers(mark.session)))


def _first_crossing(counting: Sequence[CountingSession], weeks: SchoolWeeks, policies: Policies) -> Crossing | None:
    """Return where the threshold was first met (national framework): ten sessions in the school week of the last and the nine before it."""
    days = [each.session.date for each in counting]
    for position, each in enumerate(counting):
        law, day = policies(each.la_code), each.session.date
        needed = law.at("threshold_sessions", day).value
        if position + 1 < needed:
            continue
        window = weeks.window(day, law.at("window_weeks", day).value)
        if position + 1 - bisect_left(days, window[0]) >= needed:
            # One session more than before, and never more than one: at the first crossing it is exactly the number needed.
            return Crossing(tuple(counting[position + 1 - needed : position + 1]), window)
    return None


def _met(found: Judgement, counting: Sequence[CountingSession], crossing: Crossing, history: History, policies: Policies) -> Judgement:
    """Return the judgement of a threshold that is met: whether it is a single holiday, and until when the absence can be charged.

    A charge must be laid within six months of the earliest session (Magistrates' Courts Act 1980 s.127).
    """
    law, day, count = policies(crossing.at.la_code), crossing.at.session.date, len(crossing.sessions)
    holidays = law.at("holiday_sessions", day)
    holiday = single_holiday(counting, Schools(history.years, history.successions), crossing.window, holidays.value)
    earliest = crossing.sessions[0].session.date
    time_bar = law.at("time_bar_months", earliest)
    until = add_months(earliest, time_bar.value)
    findings = [
        *_codes_applied(crossing.sessions, policies),
        _weeks_judged(law, day, crossing.weeks),
        law.at("threshold_sessions", day).finding(
            "met",
            date=day,
            session=crossing.at.session.half,
            urn=crossing.at.urn,
            count=count,
            sessions=[_name(each.session) for each in crossing.sessions],
        ),
        time_bar.finding(f"earliest session can be charged until {until}", earliest=earliest),
    ]
    if holiday:
        findings.append(holidays.finding("single holiday", **_from_to(holiday)))
    return replace(
        found,
        status="met",
        count=count,
        crossing=crossing,
        holiday=holiday,
        policy=law.pack,
        earliest_time_bar=until,
        findings=tuple(findings),
    )


def _not_met(
    found: Judgement, counting: Sequence[CountingSession], latest: CountingSession, weeks: SchoolWeeks, policies: Policies
) -> Judgement:
    """Return the judgement of a threshold that is not met: what counts in the window of the latest session.

    From the approaching level on the school is informed (policy of this product; no legal force).
    """
    law, day = policies(latest.la_code), latest.session.date
    window = weeks.window(day, law.at("window_weeks", day).value)
    inside = [each for each in counting if each.session.date >= window[0]]
    count, threshold, approaching = len(inside), law.at("threshold_sessions", day), law.at("approaching_sessions", day)
    near = count >= approaching.value
    findings = [
        *_codes_applied(inside, policies),
        _weeks_judged(law, day, window),
        threshold.finding("not met", latest=_name(latest.session), count=count),
    ]
    if near:
        findings.append(approaching.finding("approaching", latest=_name(latest.session), count=count))
    return replace(found, status="approaching" if near else "below", count=count, policy=law.pack, findings=tuple(findings))


def _weeks_judged(law: Law, day: date, weeks: tuple[date, ...]) -> Finding:
    return law.at("window_weeks", day).finding(f"{len(weeks)} school weeks judged", **_from_to(_window(weeks)), weeks=weeks)


def _codes_applied(sessions: Sequence[CountingSession], policies: Policies) -> list[Finding]:
    """Return a finding for each authority's codes, with the sessions that they caught."""
    found = []
    for la_code in sorted({each.la_code for each in sessions}):
        own = [each for each in sessions if each.la_code == la_code]
        law = policies(la_code)
        found.append(
            law.at("counting_codes", own[-1].session.date).finding(
                f"{len(own)} sessions count", la_code=la_code, policy=law.pack, counts=dict(Counter(each.code for each in own))
            )
        )
    return found


def _too_early(history: History, law: Law, day: date) -> list[Finding]:
    """Return a finding where absences before the national framework (SI 2024/210, from 19 August 2024) were left out."""
    first = law.at("first_counting_day", day)
    early = [mark for mark in history.marks if mark.session.date < first.value and mark.code in unauthorised_codes(mark.session.date)]
    return [first.finding(f"{len(early)} earlier absences do not count", absences=len(early))] if early else []


def _left_out(found: Judgement, law: Law, day: date, **numbers: int) -> list[Finding]:
    """Return a finding where sessions do not count although some mark would have."""
    whys = Counter(each.why for each in found.flagged)
    numbers |= {
        "off_roll": whys["off-roll"],
        "not_held": whys["not-held"],
        "on_leave": whys["leave-granted"],
        "schools_disagree": len(found.disagreements),
    }
    named = {name: number for name, number in numbers.items() if number}
    return [law.at("threshold_sessions", day).finding("left out", **named)] if named else []


def _name(session: Session) -> str:
    return f"{session.date} {session.half}"


def _window(weeks: Sequence[date]) -> Span:
    return Span(weeks[0], weeks[-1] + timedelta(days=6))


def _from_to(span: Span) -> dict[str, date]:
    return {"from": span.start, "to": span.end}
