"""Registers, amendments, marks with their versions, and the codes."""

from datetime import date, datetime, time
from typing import Annotated, NotRequired
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from typing_extensions import TypedDict

from services.registers.fields import Line, MaybeMoment, Person, Prose, blank_is_none
from services.registers.marks.domain import registers
from services.registers.marks.domain.history import Source
from services.registers.marks.domain.register_times import Flag
from services.registers.marks.domain.registers import Receipt
from shared import clock
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

    def sent_marks(self) -> list[registers.SentMark]:
        """Return the marks as the rules take them."""
        return [registers.SentMark(mark["upn"], mark["code"], mark.get("minutes_late")) for mark in self.marks]

    def receipt(self, day: date, caller: str) -> Receipt:
        """Return who sends this register of a day, and when it was open."""
        by = self.taken_by
        name, title = (by.name, by.title) if isinstance(by, Person) else (by, None)
        return Receipt(
            caller, by_name=name, by_title=title, opened_at=_instant(day, self.opened_at), closed_at=_instant(day, self.closed_at)
        )


def _instant(day: date, moment: datetime | time | None) -> datetime | None:
    """Return an instant; what has no date or zone of its own is London time on the day of the register."""
    if moment is None:
        return None
    if isinstance(moment, time):
        moment = datetime.combine(day, moment)
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.LONDON)


class Rejected(BaseModel):
    """A mark that was quarantined, and why."""

    model_config = ConfigDict(from_attributes=True)

    upn: str
    code: str
    reason: str


class RegisterOut(BaseModel):
    """What became of the marks."""

    model_config = ConfigDict(from_attributes=True)

    recorded: int = 0
    unchanged: int = 0
    amended: int = 0
    ignored: int = 0
    rejected: list[Rejected] = []


class Amender(Person):
    """Who amends a mark, by name and office: the register must show both."""

    title: Line


class AmendmentIn(BaseModel):
    """Another code for a mark, the reason, and the person who amends it (SI 2024/208 reg. 6)."""

    code: Annotated[str, StringConstraints(max_length=20)]
    reason: Prose
    amended_by: Amender

    def receipt(self, caller: str) -> Receipt:
        """Return who amends the mark and why."""
        return Receipt(caller, "amendment", self.amended_by.name, self.amended_by.title, self.reason)


class ConfirmationIn(BaseModel):
    """Why a mark is right although leave was granted for its day, and the person who confirms it."""

    reason: Prose
    confirmed_by: Person

    def receipt(self, caller: str) -> Receipt:
        """Return who confirms the mark and why."""
        return Receipt(caller, "amendment", self.confirmed_by.name, self.confirmed_by.title, self.reason)


class VersionOut(BaseModel):
    """One version of a mark: when it was received, by whom and why."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    code: str
    recorded_at: datetime
    minutes_late: int | None = None
    reason: str | None = None
    by: Person | None = None
    caller: str
    """Whose token it came with, whether or not a person was named."""
    source: Source


class MarkOut(BaseModel):
    """A mark with all its versions.

    `flagged`: it lies outside the school's sessions or the pupil's roll, and does not count; or the
    times of its register contradict it, and it counts as it stands until the school amends it. `flags` names what is wrong.
    `pupil_id`: the record of the child that it was sent under.
    """

    model_config = ConfigDict(from_attributes=True)

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
