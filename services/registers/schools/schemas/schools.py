"""Schools and their calendars."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.registers.fields import Answer, CivilDate, Line, MaybeLine, blank_is_none, null_is
from services.registers.schools.domain.calendars import Calendar, Closure, Term
from services.registers.schools.domain.schools import Contact, School
from shared.attendance.sessions import Half
from shared.http import LaCode


class SchoolContact(Answer):
    """Whom to ask at a school."""

    name: Line
    email: MaybeLine = None
    phone: MaybeLine = None


def contact_of(sent: SchoolContact | str) -> Contact | str:
    """Return whom to ask, as the rules have it."""
    return sent if isinstance(sent, str) else Contact(sent.name, sent.email, sent.phone)


class SchoolIn(Answer):
    """A school, as the authority knows it."""

    name: Line
    la_code: LaCode
    establishment_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    phase: Line
    district: MaybeLine = None
    senior_attendance_champion: Annotated[SchoolContact | Line | None, BeforeValidator(blank_is_none)] = None

    def school(self, urn: int) -> School:
        """Return the school under its URN."""
        champion = self.senior_attendance_champion
        return School(
            urn,
            self.name,
            self.la_code,
            self.establishment_number,
            self.phase,
            self.district,
            contact_of(champion) if champion else None,
        )


class SchoolOut(SchoolIn):
    """A school."""

    urn: int


class TermIn(Answer):
    """A stretch of term: first and last day."""

    start: CivilDate
    end: CivilDate


class ClosureIn(BaseModel):
    """A date within a term on which no session is held, or only one."""

    model_config = ConfigDict(from_attributes=True)

    date: CivilDate
    sessions: Annotated[list[Half], Field(min_length=1, max_length=2), null_is(["AM", "PM"])] = ["AM", "PM"]
    kind: Annotated[Literal["planned", "unplanned"], null_is("planned")] = "planned"
    reason: MaybeLine = None


class CalendarIn(BaseModel):
    """A school's year: sessions are AM and PM of Monday to Friday within the terms, less the closures."""

    model_config = ConfigDict(from_attributes=True)

    terms: Annotated[list[TermIn], Field(max_length=50)]
    closures: Annotated[list[ClosureIn], Field(max_length=400)] = []

    def calendar(self, urn: int, year: str) -> Calendar:
        """Return the calendar of a school's year."""
        closures = tuple(Closure(each.date, tuple(each.sessions), each.kind, each.reason) for each in self.closures)
        return Calendar(urn, year, tuple(Term(term.start, term.end) for term in self.terms), closures)


class CalendarOut(CalendarIn):
    """A school's year as it stands, and how many sessions it holds."""

    urn: int
    year: str
    sessions: int
