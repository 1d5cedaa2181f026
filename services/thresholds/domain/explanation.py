"""A judgement in plain sentences that a parent can follow, each with the provision it rests on."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.judgement import Judgement
from shared.attendance.dates import long_date_with_weekday
from shared.attendance.register_codes import codes_on
from shared.law import Finding


@dataclass(frozen=True, slots=True)
class Sentence:
    """One fact, and the law, guidance or policy that it follows from; None where it is a fact alone."""

    text: str
    reference: str | None = None
    href: str | None = None


def explain(judgement: Judgement, more: Iterable[Finding] = ()) -> tuple[Sentence, ...]:
    """Return a judgement, and findings made since it, in sentences: the outcome, how it was counted, what was left out and why.

    Everything comes from the findings and the sessions that the judgement itself names; nothing is judged here.
    """
    findings = [*judgement.findings, *more]
    judged = any(each.provision == "window_weeks" for each in findings)
    found = [] if judged else [Sentence("No absence of this pupil counts towards the national threshold at present.")]
    for provision, sentences in _SENTENCES:
        for finding in findings:
            if finding.provision == provision:
                found += [Sentence(text, finding.reference, finding.href) for text in sentences(finding, judgement)]
        if provision == "window_weeks" and judged:
            found += [Sentence(text) for text in _days(_counted(judgement))]
    return tuple(found)


def as_text(sentences: Iterable[Sentence]) -> str:
    """Return sentences as lines of text, each with its reference."""
    return "".join(f"{each.text}{f' [{each.reference}]' if each.reference else ''}\n" for each in sentences)


def _outcome(finding: Finding, judgement: Judgement) -> Iterator[str]:
    facts, needed = finding.facts, finding.value
    if finding.outcome == "met":
        weeks = _weeks_judged(judgement).value
        yield f"The national threshold was met on {long_date_with_weekday(facts['date'])}, in the {_HALVES[facts['session']]}, with {_sessions(facts['count'])}."
        yield (
            f"It is met by {needed} sessions of absence without the school's permission within {weeks} school weeks. A session is a"
            " morning or an afternoon. From then on the school must consider, for this pupil and this family, which support or action is right;"
            " nothing follows by itself."
        )
    elif finding.outcome == "not met":
        day, _, half = facts["latest"].partition(" ")
        yield f"The national threshold is not met: {_sessions(facts['count'])} count, and it takes {needed}."
        yield f"The latest absence without the school's permission was on {long_date_with_weekday(date.fromisoformat(day))}, in the {_HALVES[half]}."


def _window(finding: Finding, _: Judgement) -> Iterator[str]:
    facts = finding.facts
    yield (
        f"Counted were {len(facts['weeks'])} school weeks, of at most {finding.value}: those from {long_date_with_weekday(facts['from'])} to"
        f" {long_date_with_weekday(facts['to'])} in which a school of this pupil was open for at least one session. Weeks of holidays are passed over."
    )


def _codes(finding: Finding, _: Judgement) -> Iterator[str]:
    facts = finding.facts
    counts = _listed([f"{number} with code {code}" for code, number in sorted(facts["counts"].items())])
    yield (
        f"In the area of authority {facts['la_code']} absences with the codes {_listed(finding.value)} count:"
        f" here {counts}. Absence that the school permitted never counts."
    )


def _holiday(finding: Finding, _: Judgement) -> Iterator[str]:
    facts = finding.facts
    yield (
        f"From {long_date_with_weekday(facts['from'])} to {long_date_with_weekday(facts['to'])} the pupil was on holiday without permission in every session of the school,"
        f" at least {finding.value} of them: this is one single holiday."
    )


def _approaching(finding: Finding, _: Judgement) -> Iterator[str]:
    yield f"From {finding.value} sessions on the school is told, so that it can offer support early. This has no legal effect."


def _time_bar(finding: Finding, judgement: Judgement) -> Iterator[str]:
    if judgement.earliest_time_bar:
        yield (
            f"A court can be asked to deal with the earliest of these absences, that of {long_date_with_weekday(finding.facts['earliest'])}, within"
            f" {finding.value} months: until {long_date_with_weekday(judgement.earliest_time_bar)}."
        )


def _unresolved(finding: Finding, _: Judgement) -> Iterator[str]:
    yield (
        f"The school has {finding.value} school days to find out the reason for an absence. For some absences that time is over."
        f" If they were entered as absence without permission, {_sessions(finding.facts['count'])} would count."
    )


def _too_early(finding: Finding, _: Judgement) -> Iterator[str]:
    yield f"{_sessions(finding.facts['absences']).capitalize()} of absence before {long_date_with_weekday(finding.value)} do not count: the rule began that day."


def _left_out(finding: Finding, _: Judgement) -> Iterator[str]:
    if finding.outcome == "left out":
        for name, number in finding.facts.items():
            yield f"{_sessions(number).capitalize()} {'is' if number == 1 else 'are'} not counted: {_WHY[name]}."


_SENTENCES: Sequence[tuple[str, Callable[[Finding, Judgement], Iterator[str]]]] = (
    ("threshold_sessions", _outcome),
    ("window_weeks", _window),
    ("counting_codes", _codes),
    ("holiday_sessions", _holiday),
    ("approaching_sessions", _approaching),
    ("time_bar_months", _time_bar),
    ("reason_school_days", _unresolved),
    ("first_counting_day", _too_early),
    ("threshold_sessions", _left_out),
)
"""The provisions in the order in which they are explained."""
_WHY = {
    "spent": "a penalty notice or a charge already rests there, and the same absence is not counted again",
    "set_aside": "the case in which that absence was looked at is closed",
    "off_roll": "the pupil was not on that school's roll then",
    "not_held": "the school's calendar says that there was no school then",
    "on_leave": "the school granted leave for that day, and has not confirmed the mark since",
    "schools_disagree": "two schools wrote different things, and a person has to look",
}
_HALVES = {"AM": "morning", "PM": "afternoon"}


def _weeks_judged(judgement: Judgement) -> Finding:
    return next(each for each in judgement.findings if each.provision == "window_weeks")


def _counted(judgement: Judgement) -> Sequence[CountingSession]:
    """Return the sessions that the count is made of."""
    if judgement.crossing:
        return judgement.crossing.sessions
    first = _weeks_judged(judgement).facts["from"]
    return [each for each in judgement.counting if each.session.date >= first]


def _days(sessions: Sequence[CountingSession]) -> Iterator[str]:
    """Yield the sessions day by day; the school is named where there are several."""
    several = len({each.urn for each in sessions}) > 1
    for (day, code, urn), own in groupby(sessions, key=lambda each: (each.session.date, each.code, each.urn)):
        halves = " and ".join(_HALVES[each.session.half] for each in own)
        entry = codes_on(day).get(code)
        school = f" at school {urn}" if several else ""
        yield f"{long_date_with_weekday(day)}, {halves}{school}: {entry.meaning if entry else 'absent'} (code {code})."


def _sessions(number: int) -> str:
    return "one session" if number == 1 else f"{number} sessions"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
