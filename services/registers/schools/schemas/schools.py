"""Schools and their calendars."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.registers.fields import CivilDate, Line, MaybeLine, blank_is_none, null_is
from shared.attendance.sessions import Half
from shared.http import LaCode


class SchoolContact(BaseModel):
    """Whom to ask at a school."""

    name: Line
    email: MaybeLine = None
    phone: MaybeLine = None


class SchoolIn(BaseModel):
    """A school, as the authority knows it."""

    name: Line
    la_code: LaCode
    establishment_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    phase: Line
    district: MaybeLine = None
    senior_attendance_champion: Annotated[SchoolContact | Line | None, BeforeValidator(blank_is_none)] = None


class SchoolOut(SchoolIn):
    """A school."""

    model_config = ConfigDict(from_attributes=True)

    urn: int


class TermIn(BaseModel):
    """A stretch of term: first and last day."""

    start: CivilDate
    end: CivilDate


class ClosureIn(BaseModel):
    """A date within a term on which no session is held, or only one."""

    date: CivilDate
    sessions: Annotated[list[Half], Field(min_length=1, max_length=2), null_is(["AM", "PM"])] = ["AM", "PM"]
    kind: Annotated[Literal["planned", "unplanned"], null_is("planned")] = "planned"
    reason: MaybeLine = None


class CalendarIn(BaseModel):
    """A school's year: sessions are AM and PM of Monday to Friday within the terms, less the closures."""

    terms: Annotated[list[TermIn], Field(max_length=50)]
    closures: Annotated[list[ClosureIn], Field(max_length=400)] = []


class CalendarOut(CalendarIn):
    """A school's year as it stands, and how many sessions it holds."""

    urn: int
    year: str
    sessions: int
