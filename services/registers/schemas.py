"""What goes in and out of the API of `registers`."""

import re
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from typing_extensions import TypedDict

from shared.http import LaCode
from shared.register_codes import Category, Half

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso(value: Any) -> Any:
    if isinstance(value, str) and not _ISO_DATE.fullmatch(value):
        raise ValueError("a date is written YYYY-MM-DD")
    if not isinstance(value, str | date):
        raise ValueError("a date is written YYYY-MM-DD")  # noqa: TRY004 -- pydantic turns a ValueError into a refusal
    return value


def _plausible(moment: datetime | time) -> datetime | time:
    if isinstance(moment, datetime) and not 2000 <= moment.year <= 2099:
        raise ValueError("the year is out of range")
    return moment


CivilDate = Annotated[date, BeforeValidator(_iso), Field(ge=date(1900, 1, 1), le=date(2099, 12, 31))]
Moment = Annotated[datetime | time, AfterValidator(_plausible)]
"""An instant, or a time of day in London on the day of the register."""
# PostgreSQL's text holds everything but NUL.
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000, pattern=r"^[^\x00]*$")]
YearGroup = Annotated[Line, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]


class Person(BaseModel):
    """Someone who acts for a school, by name and office."""

    name: Line
    title: Line | None = None


class SchoolContact(BaseModel):
    """Whom to ask at a school."""

    name: Line
    email: Line | None = None
    phone: Line | None = None


class SchoolIn(BaseModel):
    """A school, as the authority knows it."""

    name: Line
    la_code: LaCode
    establishment_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    phase: Line
    district: Line | None = None
    senior_attendance_champion: SchoolContact | Line | None = None


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
    sessions: Annotated[list[Half], Field(min_length=1, max_length=2)] = ["AM", "PM"]
    kind: Literal["planned", "unplanned"] = "planned"
    reason: Line | None = None


class CalendarIn(BaseModel):
    """A school's year: sessions are AM and PM of Monday to Friday within the terms, less the closures."""

    terms: Annotated[list[TermIn], Field(max_length=50)]
    closures: Annotated[list[ClosureIn], Field(max_length=400)] = []


class CalendarOut(CalendarIn):
    """A school's year as it stands, and how many sessions it holds."""

    urn: int
    year: str
    sessions: int


class ParentIn(BaseModel):
    """A parent, as the school knows them; `ref` is the school system's own id of the contact."""

    ref: Line
    forename: Line
    surname: Line
    relationship: Line | None = None
    lives_with_pupil: bool | None = None
    address: Annotated[list[Line], Field(min_length=1, max_length=7)] | None = None
    """The last line is the postcode."""
    email: Line | None = None
    phone: Line | None = None


class SpellIn(BaseModel):
    """An earlier stay on the same roll: first and last day."""

    admitted_on: CivilDate
    left_on: CivilDate


class PupilIn(BaseModel):
    """The whole truth about a pupil at one school, in place of what was."""

    forename: Line
    surname: Line
    date_of_birth: CivilDate
    year_group: YearGroup | None = None
    admitted_on: CivilDate
    left_on: CivilDate | None = None
    earlier_spells: Annotated[list[SpellIn], Field(max_length=20)] = []
    parents: Annotated[list[ParentIn], Field(max_length=20)] = []


class PupilParentOut(BaseModel):
    """A parent's id, and whether a likely match with another person awaits an officer."""

    ref: str
    id: UUID
    open_match: bool


class PupilOut(BaseModel):
    """A pupil as stored, with what follows from it."""

    id: UUID
    upn: str
    urn: int
    compulsory_from: date
    compulsory_to: date
    parents: list[PupilParentOut]
    released: int
    """Marks kept in quarantine until now that this pupil or roll explained."""


class SentMark(TypedDict):
    """One pupil's mark."""

    upn: Annotated[str, StringConstraints(max_length=50)]
    code: Annotated[str, StringConstraints(max_length=20)]
    minutes_late: NotRequired[Annotated[int, Field(ge=0, le=720)] | None]


class RegisterIn(BaseModel):
    """A school's register of one session, or a part of it."""

    taken_by: Line | Person | None = None
    opened_at: Moment | None = None
    closed_at: Moment | None = None
    marks: Annotated[list[SentMark], Field(max_length=5000)]


class Rejected(BaseModel):
    """A mark that was kept apart, and why."""

    upn: str
    code: str
    reason: str


class RegisterOut(BaseModel):
    """What became of the marks."""

    recorded: int = 0
    unchanged: int = 0
    amended: int = 0
    ignored: int = 0
    rejected: list[Rejected] = []


class AmendmentIn(BaseModel):
    """Another code for a mark, and who says so why (SI 2024/208 reg. 6)."""

    code: Annotated[str, StringConstraints(max_length=20)]
    reason: Prose
    amended_by: Person


class VersionOut(BaseModel):
    """One version of a mark: when it was received, by whom and why."""

    version: int
    code: str
    recorded_at: datetime
    minutes_late: int | None = None
    reason: str | None = None
    by: Person | None = None
    source: Literal["register", "amendment", "release"]


class MarkOut(BaseModel):
    """A mark with all its versions; `flagged` says that it lies outside the school's sessions or the pupil's roll."""

    urn: int
    date: date
    session: Half
    code: str
    version: int
    flagged: bool
    versions: list[VersionOut]


class Marks(BaseModel):
    """A pupil's marks, in order."""

    items: list[MarkOut]


class CodeOut(BaseModel):
    """A register code as it may be entered on the day asked for."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    meaning: str
    sessions: tuple[Half, ...]
    category: Category
    since: date
    until: date | None
    reference: str
    href: str


class Codes(BaseModel):
    """The register codes of one day."""

    on: date
    items: list[CodeOut]


class MatchContact(BaseModel):
    """A parent as one school knows them, with the pupils there."""

    urn: int
    school: str
    la_code: str
    ref: str
    forename: str
    surname: str
    address: list[str] | None
    email: str | None
    phone: str | None
    pupils: list[str]


class MatchPerson(BaseModel):
    """One of the two who may be the same."""

    id: UUID
    contacts: list[MatchContact]


class MatchOut(BaseModel):
    """Two parents who may be one person, on what they agree, and what an officer decided."""

    id: UUID
    status: Literal["open", "same", "different"]
    reasons: list[str]
    people: list[MatchPerson]
    proposed_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None


class MatchDecision(BaseModel):
    """An officer's answer to a proposed match."""

    same: bool
    reason: Prose


class PupilSchool(BaseModel):
    """One stay of the pupil on a school's roll."""

    urn: int
    name: str
    la_code: str
    admitted_on: date
    left_on: date | None


class PersonPupil(BaseModel):
    """A pupil, for a letter or a file."""

    id: UUID
    upn: str
    forename: str
    surname: str
    date_of_birth: date
    schools: list[PupilSchool]


class PersonParent(BaseModel):
    """A parent of the pupil, as one school knows them."""

    id: UUID
    forename: str
    surname: str
    relationship: str | None
    lives_with_pupil: bool | None
    address: list[str] | None
    email: str | None
    urn: int


class People(BaseModel):
    """A pupil and their parents by name and address, at this moment."""

    pupil: PersonPupil
    parents: list[PersonParent]
