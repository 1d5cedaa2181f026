"""Registers, amendments, marks with their versions, and the codes."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal, NamedTuple, NotRequired
from uuid import UUID

import msgspec
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints
from typing_extensions import TypedDict

from services.registers.fields import Line, MaybeMoment, Person, Prose, blank_is_none
from services.registers.marks.domain.register_times import Flag
from shared.attendance.sessions import Half

LONGEST_UPN, LONGEST_CODE = 50, 20
MOST_MARKS = 5000
MOST_MINUTES = 720


class SentMark(TypedDict):
    """One pupil's mark."""

    upn: Annotated[str, StringConstraints(max_length=LONGEST_UPN)]
    code: Annotated[str, StringConstraints(max_length=LONGEST_CODE)]
    minutes_late: NotRequired[Annotated[int, Field(ge=0, le=MOST_MINUTES)] | None]


class RegisterIn(BaseModel):
    """A school's register of one session, or a part of it."""

    taken_by: Annotated[Line | Person | None, BeforeValidator(blank_is_none)] = None
    opened_at: MaybeMoment = None
    closed_at: MaybeMoment = None
    marks: Annotated[list[SentMark], Field(max_length=MOST_MARKS)]


class _PlainMark(msgspec.Struct, gc=False):
    upn: Annotated[str, msgspec.Meta(max_length=LONGEST_UPN)]
    code: Annotated[str, msgspec.Meta(max_length=LONGEST_CODE)]
    minutes_late: Annotated[int, msgspec.Meta(ge=0, le=MOST_MINUTES)] | None = None


class _PlainBody(msgspec.Struct, gc=False):
    marks: Annotated[list[_PlainMark], msgspec.Meta(max_length=MOST_MARKS)]
    taken_by: msgspec.Raw = msgspec.Raw(b"null")
    opened_at: msgspec.Raw = msgspec.Raw(b"null")
    closed_at: msgspec.Raw = msgspec.Raw(b"null")


_PLAIN = msgspec.json.Decoder(_PlainBody)


class PlainRegister(NamedTuple):
    """A register that is as the model has it, with no UPN in it twice: the marks by UPN, and the rest."""

    head: RegisterIn
    codes: Mapping[str, str]
    minutes_late: Mapping[str, int]


def read_plain(body: bytes) -> PlainRegister | None:
    """Return a register from the bytes of a request; None or ValueError where the model must say what is wrong with it.

    The model would take four times as long over the marks of a million pupils a minute.
    """
    sent = _PLAIN.decode(body)
    codes = {mark.upn: mark.code for mark in sent.marks}
    if len(codes) < len(sent.marks):
        return None
    head = RegisterIn.model_validate_json(
        b'{"taken_by":%b,"opened_at":%b,"closed_at":%b,"marks":[]}' % (sent.taken_by, sent.opened_at, sent.closed_at)
    )
    return PlainRegister(head, codes, {mark.upn: mark.minutes_late for mark in sent.marks if mark.minutes_late is not None})


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
