"""The rule: ten sessions of unauthorised absence in ten school weeks."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from services.thresholds.domain.counting import CountingSession, Disagreement, FlaggedMark, sift
from services.thresholds.domain.facts import History, Policies, Schools, unauthorised_codes
from services.thresholds.domain.holiday import single_holiday
from services.thresholds.domain.sessions import Session, Span, add_months
from services.thresholds.domain.weeks import SchoolWeeks
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
        return Span(self.weeks[0], self.weeks[-1] + timedelta(days=6))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a pupil's history comes to."""

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

    def as_json(self) -> dict[str, Any]:
        """Return the judgement in plain JSON types; the school is that of the crossing, or of the latest session that counts for alerts."""
        crossing, window = self.crossing, self.crossing and self.crossing.window
        named = crossing.at if crossing else self.counting[-1] if self.counting else None
        return {
            "status": self.status,
            "count": self.count,
            "met_at": crossing and _session(crossing.at.session),
            "window": window and _span(window),
            "weeks": [monday.isoformat() for monday in crossing.weeks] if crossing else [],
            "sessions": [_counting(each) for each in crossing.sessions] if crossing else [],
            "counts": dict(sorted(Counter(each.code for each in crossing.sessions).items())) if crossing else {},
            "counting": [{**_counting(each), "set_aside": False} for each in self.counting],
            "holiday": self.holiday is not None,
            "holiday_period": self.holiday and _span(self.holiday),
            "urn": named and named.urn,
            "la_code": named and named.la_code,
            "policy": self.policy,
            "earliest_time_bar": self.earliest_time_bar and self.earliest_time_bar.isoformat(),
            "flagged": [{**_session(m.session), "urn": m.urn, "code": m.code, "why": f.why} for f in self.flagged for m in (f.mark,)],
            "disagreements": [
                {**_session(each.session), "marks": [{"urn": mark.urn, "code": mark.code} for mark in each.marks]}
                for each in self.disagreements
            ],
            "findings": [finding.as_json() for finding in self.findings],
        }


def judge(history: History, policies: Policies, weeks: SchoolWeeks | None = None) -> Judgement:
    """Judge a pupil's history (Working together to improve school attendance, national framework; the law packs have the numbers).

    The threshold is met at the first session whose window, up to and including it, holds the number required. Numbers and codes are
    those in force on the day of the session, of the authority of its school. The result depends on the facts alone, not on their order.
    `weeks`: the pupil's school weeks, where they are at hand.
    """
    sifted = sift(_live(history), policies)
    if not sifted.counting:
        return Judgement("below", 0, flagged=sifted.flagged, disagreements=sifted.disagreements)
    unspent = [each for each in sifted.counting if each.session not in history.spent]
    found = Judgement("below", 0, tuple(unspent), flagged=sifted.flagged, disagreements=sifted.disagreements)
    latest = (unspent or sifted.counting)[-1]
    weeks = weeks or SchoolWeeks(history.spells, history.years)
    crossing = _first_crossing(unspent, weeks, policies)
    found = _met(found, unspent, crossing, history, policies) if crossing else _not_met(found, unspent, latest, weeks, policies)
    law, day = policies(latest.la_code), latest.session.date
    left_out = _left_out(found, law, day, spent=len(sifted.counting) - len(unspent))
    return replace(found, findings=(*_too_early(history, law, day), *found.findings, *left_out))


def set_aside(history: History, policies: Policies) -> tuple[CountingSession, ...]:
    """Return the unspent counting sessions that closed cases set aside: they raise no alert, and a later notice may still rely on them."""
    aside = history.set_aside_to
    if aside is None:
        return ()
    marks = tuple(mark for mark in history.marks if mark.session.date <= aside)
    sifted = sift(replace(history, marks=marks), policies)
    return tuple(each for each in sifted.counting if each.session not in history.spent)


def with_set_aside(judgement: Mapping[str, Any], sessions: Sequence[CountingSession], policies: Policies) -> dict[str, Any]:
    """Return a judgement in plain JSON types that names what is set aside too, for whoever asks."""
    if not sessions:
        return dict(judgement)
    last = sessions[-1]
    left_out = policies(last.la_code).at("threshold_sessions", last.session.date).finding("left out", set_aside=len(sessions))
    return {
        **judgement,
        "counting": [*({**_counting(each), "set_aside": True} for each in sessions), *judgement["counting"]],
        "findings": [*judgement["findings"], left_out.as_json()],
    }


def _live(history: History) -> History:
    aside = history.set_aside_to
    if aside is None:
        return history
    return replace(history, marks=tuple(mark for mark in history.marks if mark.session.date > aside))


def _first_crossing(live: Sequence[CountingSession], weeks: SchoolWeeks, policies: Policies) -> Crossing | None:
    days = [each.session.date for each in live]
    for position, each in enumerate(live):
        law, day = policies(each.la_code), each.session.date
        needed = law.at("threshold_sessions", day).value
        if position + 1 < needed:
            continue
        window = weeks.window(day, law.at("window_weeks", day).value)
        if position + 1 - bisect_left(days, window[0]) >= needed:
            # One session more than before, and never more than one: at the first crossing it is exactly the number needed.
            return Crossing(tuple(live[position + 1 - needed : position + 1]), window)
    return None


def _met(found: Judgement, live: Sequence[CountingSession], crossing: Crossing, history: History, policies: Policies) -> Judgement:
    law, day, count = policies(crossing.at.la_code), crossing.at.session.date, len(crossing.sessions)
    holidays = law.at("holiday_sessions", day)
    holiday = single_holiday(live, Schools(history.years, history.successions), crossing.window, holidays.value)
    earliest = crossing.sessions[0].session.date
    time_bar = law.at("time_bar_months", earliest)
    until = add_months(earliest, time_bar.value)
    findings = [
        *_codes_applied(crossing.sessions, policies),
        law.at("window_weeks", day).finding(f"{len(crossing.weeks)} school weeks judged", **_span(crossing.window), weeks=crossing.weeks),
        law.at("threshold_sessions", day).finding(
            "met",
            **_session(crossing.at.session),
            urn=crossing.at.urn,
            count=count,
            sessions=[_name(each.session) for each in crossing.sessions],
        ),
        time_bar.finding(f"earliest session can be charged until {until}", earliest=earliest),
    ]
    if holiday:
        findings.append(holidays.finding("single holiday", **_span(holiday)))
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
    found: Judgement, live: Sequence[CountingSession], latest: CountingSession, weeks: SchoolWeeks, policies: Policies
) -> Judgement:
    law, day = policies(latest.la_code), latest.session.date
    window = weeks.window(day, law.at("window_weeks", day).value)
    inside = [each for each in live if each.session.date >= window[0]]
    count, threshold, approaching = len(inside), law.at("threshold_sessions", day), law.at("approaching_sessions", day)
    near = count >= approaching.value
    findings = [
        *_codes_applied(inside, policies),
        law.at("window_weeks", day).finding(
            f"{len(window)} school weeks judged", **_span(Span(window[0], window[-1] + timedelta(days=6))), weeks=window
        ),
        threshold.finding("not met", latest=_name(latest.session), count=count),
    ]
    if near:
        findings.append(approaching.finding("approaching", latest=_name(latest.session), count=count))
    return replace(found, status="approaching" if near else "below", count=count, policy=law.pack, findings=tuple(findings))


def _codes_applied(sessions: Sequence[CountingSession], policies: Policies) -> list[Finding]:
    """One finding for each authority's codes, with what they caught."""
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
    """A finding where absences before the national framework were left out."""
    first = law.at("first_counting_day", day)
    early = [mark for mark in history.marks if mark.session.date < first.value and mark.code in unauthorised_codes(mark.session.date)]
    return [first.finding(f"{len(early)} earlier absences do not count", absences=len(early))] if early else []


def _left_out(found: Judgement, law: Law, day: date, **numbers: int) -> list[Finding]:
    """A finding where sessions do not count although some mark would have."""
    whys = Counter(each.why for each in found.flagged)
    numbers |= {"off_roll": whys["off-roll"], "not_held": whys["not-held"], "schools_disagree": len(found.disagreements)}
    named = {name: number for name, number in numbers.items() if number}
    return [law.at("threshold_sessions", day).finding("left out", **named)] if named else []


def _name(session: Session) -> str:
    return f"{session.date} {session.half}"


def _session(session: Session) -> dict[str, str]:
    return {"date": session.date.isoformat(), "session": session.half}


def _counting(each: CountingSession) -> dict[str, Any]:
    return {**_session(each.session), "code": each.code, "urn": each.urn, "version": each.version}


def _span(span: Span) -> dict[str, str]:
    return {"from": span.start.isoformat(), "to": span.end.isoformat()}
