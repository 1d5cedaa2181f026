"""Registers, amendments, marks with their versions, and the codes."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from typing_extensions import TypedDict

from services.registers.domain.opening import Flag
from services.registers.schemas.types import Line, MaybeMoment, Person, Prose, blank_is_none
from shared.register_codes import Category, Half

MOST_MARKS = 5000
MOST_MINUTES = 720


class SentMark(TypedDict):
    """One pupil's mark."""

    upn: Annotated[str, StringConstraints(max_length=50)]
    code: Annotated[str, StringConstraints(max_length=20)]
    minutes_late: NotRequired[Annotated[int, Field(ge=0, le=MOST_MINUTES)] | None]


class RegisterIn(BaseModel):
    """A school's register of one session, or a part of it."""

    taken_by: Annotated[Line | Person | None, BeforeValidator(blank_is_none)] = None
    opened_at: MaybeMoment = None
    closed_at: MaybeMoment = None
    marks: Annotated[list[SentMark], Field(max_length=MOST_MARKS)]


def read_register(body: bytes) -> RegisterIn:
    """Return a register from the bytes of a request; raise ValidationError.

    The marks of a plain one are checked column by column, not one by one: what fits is what the model takes, and stays as it is.
    Whatever is not plain is left to the model, which tells what is wrong with it.
    """
    try:
        sent = orjson.loads(body)
        marks = sent["marks"]
        upns = [mark["upn"] for mark in marks]
        codes = {mark["code"] for mark in marks}
        late = {minutes for mark in marks if (minutes := mark.get("minutes_late")) is not None}
    except (ValueError, KeyError, TypeError, AttributeError):
        return RegisterIn.model_validate_json(body)
    if not (type(marks) is list and len(marks) <= MOST_MARKS and _texts(upns, 50) and _texts(codes, 20) and _minutes(late)):
        return RegisterIn.model_validate_json(body)
    return RegisterIn.model_validate_json(orjson.dumps({**sent, "marks": []})).model_copy(update={"marks": marks})


def _texts(values: Collection[Any], longest: int) -> bool:
    return set(map(type, values)) <= {str} and max(map(len, values), default=0) <= longest


def _minutes(values: Collection[Any]) -> bool:
    return set(map(type, values)) <= {int} and all(0 <= minutes <= MOST_MINUTES for minutes in values)


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


class Amender(Person):
    """Who amends a mark, by name and office: the register must show both."""

    title: Line


class AmendmentIn(BaseModel):
    """Another code for a mark, and who says so why (SI 2024/208 reg. 6)."""

    code: Annotated[str, StringConstraints(max_length=20)]
    reason: Prose
    amended_by: Amender


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
    `pupil_id`: the record of the child that it was sent under.
    """

    pupil_id: UUID
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
