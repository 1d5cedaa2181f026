"""Sessions by the marks that count in them, and periods of sessions."""

from dataclasses import dataclass
from datetime import date

from shared.attendance.sessions import Half

Slot = tuple[date, Half]
"""A session, whichever school marked it."""
SchoolSession = tuple[date, Half, int]
"""A session of one school (its URN)."""


@dataclass(frozen=True, slots=True)
class Session:
    """One counting session: which mark, in which version, and whether a closed case had set it aside."""

    date: date
    session: Half
    code: str
    urn: int
    version: int
    set_aside: bool = False

    @property
    def slot(self) -> Slot:
        """Which session this is, for every school."""
        return self.date, self.session

    @property
    def at_school(self) -> SchoolSession:
        """Which session of which school this is."""
        return self.date, self.session, self.urn


@dataclass(frozen=True, slots=True)
class OffencePeriod:
    """First and last day of the offence, both included."""

    start: date
    end: date
