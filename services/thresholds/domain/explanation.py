"""A judgement in plain sentences that a parent can follow, each with the provision it rests on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from shared.attendance.register_codes import codes_on

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that is so, and the law, guidance or policy that says so; None where it is a fact alone."""

    text: str
    reference: str | None = None
    href: str | None = None


def explain(judgement: Json, more: Iterable[Json] = ()) -> tuple[Sentence, ...]:
    """Return a judgement, and findings made since it, in sentences: the outcome, how it was counted, what was left out and why.

    Everything comes from the findings and the sessions that the judgement itself names; nothing is judged here.
    """
    findings = [*judgement["findings"], *more]
    judged = any(each["provision"] == "window_weeks" for each in findings)
    said = [] if judged else [Sentence("No absence of this pupil counts towards the national threshold at present.")]
    for provision, sentences in _WORDS:
        for finding in findings:
            if finding["provision"] == provision:
                said += [Sentence(text, finding["reference"], finding["href"]) for text in sentences(finding, judgement)]
        if provision == "window_weeks" and judged:
            said += [Sentence(text) for text in _days(_counted(judgement, findings))]
    return tuple(said)


def as_text(sentences: Iterable[Sentence]) -> str:
    """Return sentences as lines of text, each with its reference."""
    return "".join(f"{each.text}{f' [{each.reference}]' if each.reference else ''}\n" for each in sentences)


def _outcome(finding: Json, judgement: Json) -> Iterator[str]:
    facts, needed = finding["facts"], finding["value"]
    weeks = next(each["value"] for each in judgement["findings"] if each["provision"] == "window_weeks")
    if finding["outcome"] == "met":
        yield f"The national threshold was met on {_day(facts['date'])}, in the {_HALVES[facts['session']]}, with {_sessions(facts['count'])}."
        yield (
            f"It is met by {needed} sessions of absence without the school's permission within {weeks} school weeks. A session is a"
            " morning or an afternoon. From then on the school must consider, for this pupil and this family, which support or action is right;"
            " nothing follows by itself."
        )
    elif finding["outcome"] == "not met":
        day, _, half = facts["latest"].partition(" ")
        yield f"The national threshold is not met: {_sessions(facts['count'])} count, and it takes {needed}."
        yield f"The latest absence without the school's permission was on {_day(day)}, in the {_HALVES[half]}."


def _window(finding: Json, _: Json) -> Iterator[str]:
    facts = finding["facts"]
    yield (
        f"Counted were {len(facts['weeks'])} school weeks, of at most {finding['value']}: those from {_day(facts['from'])} to"
        f" {_day(facts['to'])} in which a school of this pupil was open for at least one session. Weeks of holidays are passed over."
    )


def _codes(finding: Json, _: Json) -> Iterator[str]:
    facts = finding["facts"]
    counts = _listed([f"{number} with code {code}" for code, number in sorted(facts["counts"].items())])
    yield (
        f"In the area of authority {facts['la_code']} absences with the codes {_listed(finding['value'])} count:"
        f" here {counts}. Absence that the school permitted never counts."
    )


def _holiday(finding: Json, _: Json) -> Iterator[str]:
    facts = finding["facts"]
    yield (
        f"From {_day(facts['from'])} to {_day(facts['to'])} the pupil was on holiday without permission in every session of the school,"
        f" at least {finding['value']} of them: this is one single holiday."
    )


def _approaching(finding: Json, _: Json) -> Iterator[str]:
    yield f"From {finding['value']} sessions on the school is told, so that it can offer support early. This has no legal effect."


def _time_bar(finding: Json, judgement: Json) -> Iterator[str]:
    yield (
        f"A court can be asked to deal with the earliest of these absences, that of {_day(finding['facts']['earliest'])}, within"
        f" {finding['value']} months: until {_day(judgement['earliest_time_bar'])}."
    )


def _unresolved(finding: Json, _: Json) -> Iterator[str]:
    yield (
        f"The school has {finding['value']} school days to find out the reason for an absence. For some absences that time is over."
        f" If they were entered as absence without permission, {_sessions(finding['facts']['count'])} would count."
    )


def _too_early(finding: Json, _: Json) -> Iterator[str]:
    yield f"{_sessions(finding['facts']['absences']).capitalize()} of absence before {_day(finding['value'])} do not count: the rule began that day."


def _left_out(finding: Json, _: Json) -> Iterator[str]:
    if finding["outcome"] == "left out":
        for name, number in finding["facts"].items():
            yield f"{_sessions(number).capitalize()} {'is' if number == 1 else 'are'} not counted: {_WHY[name]}."


_Words = Callable[[Json, Json], Iterator[str]]
_WORDS: Sequence[tuple[str, _Words]] = (
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
"""The provisions in the order in which they are told."""
_WHY = {
    "spent": "a penalty notice or a charge already rests there, and the same absence is not counted again",
    "set_aside": "the case in which that absence was looked at is closed",
    "off_roll": "the pupil was not on that school's roll then",
    "not_held": "the school's calendar says that there was no school then",
    "schools_disagree": "two schools wrote different things, and a person has to look",
}
_HALVES = {"AM": "morning", "PM": "afternoon"}


def _counted(judgement: Json, findings: Iterable[Json]) -> list[Json]:
    """Return the sessions that the count is made of."""
    if judgement["sessions"]:
        return list(judgement["sessions"])
    window = next(each["facts"] for each in findings if each["provision"] == "window_weeks")
    return [each for each in judgement["counting"] if not each["set_aside"] and each["date"] >= window["from"]]


def _days(sessions: Sequence[Json]) -> Iterator[str]:
    """Yield the sessions day by day; the school is named where there are several."""
    several = len({each["urn"] for each in sessions}) > 1
    for (day, code, urn), own in groupby(sessions, key=lambda each: (each["date"], each["code"], each["urn"])):
        halves = " and ".join(_HALVES[each["session"]] for each in own)
        known = codes_on(date.fromisoformat(day)).get(code)
        place = f" at school {urn}" if several else ""
        yield f"{_day(day)}, {halves}{place}: {known.meaning if known else 'absent'} (code {code})."


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day:%A} {day.day} {day:%B %Y}"


def _sessions(number: int) -> str:
    return "one session" if number == 1 else f"{number} sessions"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
