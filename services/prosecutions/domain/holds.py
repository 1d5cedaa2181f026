"""Holds: why a court file stands still until an officer clears it."""

from dataclasses import dataclass
from datetime import date

NO_LONGER_COUNTS = {
    "off-roll": "the pupil was not on the school's roll",
    "not-held": "the school's calendar says that it was not held",
    "not-of-age": "the pupil was not of compulsory school age",
    "leave-granted": "the school granted leave for that day, and has not confirmed the mark since",
}
"""Why a session does not count for the pupil any more, in words."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold of a file, and who cleared it."""

    cause: str
    held_on: date
    cleared_on: date | None
    cleared_by: str | None
    cleared_reason: str | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a file is held. The same `subject` never holds a file twice."""

    text: str
    subject: str


def changed_mark(urn: int, day: date, session: str, version: int) -> Cause:
    """Return the cause of a hold because a mark that is relied on changed."""
    return Cause(f"The mark of {day} {session} changed", f"mark {urn} {day} {session} {version}")
