"""What services answer to programs, in the words that a person reads on a page."""

import re
from datetime import date

from shared.attendance.dates import long_date

_DAY = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
_END_OF_SENTENCE = re.compile(r"(?<=[a-z0-9)][.!?]) +(?=[A-Z£])")

_FIELD_ERRORS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Field required", "Fill this in"),
        (r"Input should be a valid date.*", "Enter a real date, such as 9 October 2026"),
        (r"Input should be in a valid time.*|Input should be a valid time.*", "Enter a time, such as 15:30"),
        (r"String should have at least 1 character", "Fill this in"),
        (r"String should have at least (\d+) characters", r"Write at least \1 characters"),
        (r"String should have at most (\d+) characters?", r"Write at most \1 characters"),
        (r"List should have at least \d+ items?.*", "Choose at least one"),
        (r"Input should be (?:a valid UUID.*|'.*')", "Choose one of those shown"),
        (r"Input should be a valid (?:integer|number).*", "Enter a number"),
        (r"Input should be greater than or equal to (\d+)", r"Enter a number of at least \1"),
        (r"Input should be less than or equal to (\d+)", r"Enter a number of at most \1"),
        (r"Input should be a valid (?:string|boolean|list|dictionary).*", "Fill this in again"),
        (r"value is not a valid email address.*", "Enter an e-mail address, such as name@example.org"),
        (r"String should match pattern.*", "Check how this is written"),
        (r"Extra inputs are not permitted", "Leave this empty"),
        (r"Value error, (.*)", r"\1"),
    )
)
"""What the services answer about a field that is not well formed, and what a person reads."""


def with_days_in_full(text: str) -> str:
    """Return a text in which each day is written in full: 9 October 2026."""
    return _DAY.sub(_day, text)


def lines(text: str) -> list[str]:
    """Return the sentences of a text, one by one, with days in full."""
    return _END_OF_SENTENCE.split(with_days_in_full(text).strip())


def field_error(text: str) -> str:
    """Return what is wrong with a field, as an instruction to the person who filled it in."""
    for pattern, words in _FIELD_ERRORS:
        if found := pattern.fullmatch(text):
            text = found.expand(words)
            return text[:1].upper() + text[1:]
    return with_days_in_full(text)


def _day(found: re.Match[str]) -> str:
    try:
        return long_date(date.fromisoformat(found.group()))
    except ValueError:
        return found.group()
