"""A pupil's marks and a school's calendar, from registers."""

from datetime import date

from services.console.responses.values import ServiceResponse, Session
from shared.attendance.sessions import Half


class Mark(Session):
    """A mark as it is now; `flagged`: it is stored and does not count."""

    flagged: bool = False


class Marks(ServiceResponse):
    """A pupil's marks of a period, on every register."""

    items: list[Mark]


class Term(ServiceResponse):
    """First and last day of a term."""

    start: date
    end: date


class Closure(ServiceResponse):
    """Sessions of a day that the school does not hold."""

    date: date
    sessions: list[Half]
    reason: str | None = None


class Calendar(ServiceResponse):
    """A school's year."""

    terms: list[Term]
    closures: list[Closure]
