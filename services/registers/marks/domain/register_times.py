"""When a register was open, and which marks its times contradict. What is found is flagged, never changed.

L is for who arrives before the register is closed, U for who arrives after (SI 2024/208 reg. 10(3)); how long it stays open is the
school's policy within the limits of the statutory guidance, and in some authorities of their own.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.law import Law, UnknownProvisionError
from shared.sentences import CodeWithSentence

LONDON = ZoneInfo("Europe/London")


class Flag(CodeWithSentence):
    """What is wrong with a mark or a register."""

    NOT_HELD = "not-held", "The school's calendar says that this session was not held."
    OFF_ROLL = "off-roll", "The pupil was not on this school's roll that day."
    UNCONFIRMED = "unconfirmed", "No officer has confirmed that this pupil is on this school's roll."
    ON_LEAVE = "leave-granted", "Leave was granted for this day, and the mark is another one: confirm it or amend it."
    LATE_AFTER_CLOSING = "late-after-closing", "The mark is L, but the pupil arrived after the register had closed."
    UNAUTHORISED_BEFORE_CLOSING = "unauthorised-before-closing", "The mark is U, but the pupil arrived before the register closed."
    OTHER_DAY = "other-day", "The register was opened or closed on another day than its own."
    CLOSED_BEFORE_OPENED = "closed-before-opened", "The register was closed before it was opened."
    OPEN_TOO_LONG = "open-too-long", "The register was open for longer than is allowed."
    OPEN_TOO_SHORT = "open-too-short", "The register was open for less time than is required."


IN_TIME, TOO_LATE = "L", "U"
BY_ARRIVAL = (IN_TIME, TOO_LATE)
"""Codes that the time of arrival decides between."""


@dataclass(frozen=True, slots=True)
class Opening:
    """From when to when a register was open, as the school last sent it."""

    opened_at: datetime
    closed_at: datetime

    @property
    def minutes(self) -> int:
        """How long it was open, to the nearest minute."""
        return round((self.closed_at - self.opened_at) / timedelta(minutes=1))


def register_flags(opening: Opening, day: date, law: Law) -> tuple[Flag, ...]:
    """Return what is wrong with when, and how long, a register of this day was open, by the law of the school's authority."""
    return other_day(day, opening.opened_at, opening.closed_at) + _by_length(opening, day, law)


def other_day(day: date, *moments: datetime | None) -> tuple[Flag, ...]:
    """Return the flag of a register of this day where one of its moments, as far as they are known, lies in another civil day."""
    return (Flag.OTHER_DAY,) if any(each and each.astimezone(LONDON).date() != day for each in moments) else ()


def _by_length(opening: Opening, day: date, law: Law) -> tuple[Flag, ...]:
    if opening.minutes < 0:
        return (Flag.CLOSED_BEFORE_OPENED,)
    try:
        least, most = law.at("register_open_at_least", day).value, law.at("register_open_at_most", day).value
    except UnknownProvisionError:
        return ()
    if opening.minutes > most:
        return (Flag.OPEN_TOO_LONG,)
    return (Flag.OPEN_TOO_SHORT,) if opening.minutes < least else ()


def mark_flags(code: str, minutes_late: int | None, opening: Opening) -> tuple[Flag, ...]:
    """Return how a mark contradicts the times of its register; who arrives at the very minute of closing contradicts neither code."""
    if minutes_late is None:
        return ()
    if code == IN_TIME and minutes_late > opening.minutes:
        return (Flag.LATE_AFTER_CLOSING,)
    return (Flag.UNAUTHORISED_BEFORE_CLOSING,) if code == TOO_LATE and minutes_late < opening.minutes else ()
