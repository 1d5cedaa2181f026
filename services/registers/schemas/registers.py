"""Registers, amendments, marks with their versions, and the codes."""

from datetime import date, datetime
from typing import Annotated, Literal, NotRequired

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from typing_extensions import TypedDict

from services.registers.domain.opening import Flag
from services.registers.schemas.types import Line, MaybeMoment, Person, Prose, blank_is_none
from shared.register_codes import Category, Half


class SentMark(TypedDict):
    """One pupil's mark."""

    upn: Annotated[str, StringConstraints(max_length=50)]
    code: Annotated[str, StringConstraints(max_length=20)]
    minutes_late: NotRequired[Annotated[int, Field(ge=0, le=720)] | None]


class RegisterIn(BaseModel):
    """A school's register of one session, or a part of it."""

    taken_by: Annotated[Line | Person | None, BeforeValidator(blank_is_none)] = None
    opened_at: MaybeMoment = None
    closed_at: MaybeMoment = None
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
    caller: str
    """Whose token it came with, whether or not a person was named."""
    source: Literal["register", "amendment", "release", "import"]


class MarkOut(BaseModel):
    """A mark with all its versions.

    `flagged`: it lies outside the school's sessions or the pupil's roll, and does not count; or the
    times of its register contradict it, and it counts as it stands until the school amends it. `flags` says which.
    """

    urn: int
    date: date
    session: Half
    code: str
    version: int
    flagged: bool
    flags: list[Flag]
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
