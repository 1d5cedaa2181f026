"""Schools, pupils, leave, marks without a reason and imports, from registers."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.console.responses.values import Finding, ServiceResponse
from shared.attendance.sessions import Half


class Named(ServiceResponse):
    """A person's name."""

    forename: str
    surname: str

    @property
    def name(self) -> str:
        """Return the full name."""
        return f"{self.forename} {self.surname}"


class PupilSchool(ServiceResponse):
    """A stay on a school's roll; without a first day where registers does not show it."""

    urn: int
    name: str
    admitted_on: date | None = None
    left_on: date | None = None

    def covers(self, day: date) -> bool:
        """Return whether the pupil is on the roll that day."""
        return (self.admitted_on is None or self.admitted_on <= day) and (self.left_on is None or day <= self.left_on)


class Pupil(Named):
    """A pupil by name."""

    id: UUID
    date_of_birth: date
    schools: list[PupilSchool]


class NamedPupils(ServiceResponse):
    """Pupils by name, many at once."""

    items: list[Pupil]


class PersonParent(Named):
    """A parent by name, and the school that knows them so."""

    id: UUID
    urn: int | None = None


class PupilIdentity(ServiceResponse):
    """Whose UPN it is."""

    pupil_id: UUID


class FlagReason(ServiceResponse):
    """What is wrong, as a word and as a sentence."""

    flag: str
    sentence: str


class FlaggedMarkOfPupil(Named):
    """A mark with which something is wrong."""

    upn: str
    code: str
    flags: list[FlagReason]

    @property
    def can_be_confirmed(self) -> bool:
        """Return whether a person may confirm that it is right although leave was granted."""
        return any(each.flag == "leave-granted" for each in self.flags)


class FlaggedRegister(ServiceResponse):
    """A register with which something is wrong, or with a mark of it."""

    date: date
    session: Half
    flags: list[FlagReason]
    marks: list[FlaggedMarkOfPupil]


class FlaggedRegisters(ServiceResponse):
    """A school's flagged registers of a period."""

    items: list[FlaggedRegister]


class People(ServiceResponse):
    """A pupil and their parents, as registers has them now."""

    pupil: Pupil
    parents: tuple[PersonParent, ...] = ()


class School(ServiceResponse):
    """A school."""

    urn: int
    name: str
    phase: str = ""
    district: str | None = None


class UnresolvedMark(Named):
    """A mark whose reason is not established yet, and the day by which it must be."""

    upn: str
    year_group: str | None = None
    urn: int
    school: str
    due_on: date | None
    date: date
    session: Half
    days_left: int | None
    overdue: bool


class DayOfWeek(ServiceResponse):
    """A day of every week for which leave is: its sessions, and the agreed times where they are recorded."""

    weekday: str
    sessions: tuple[Half, ...]
    start: str | None = Field(None, alias="from")
    end: str | None = Field(None, alias="to")


class LeaveDecision(ServiceResponse):
    """What a school decided about leave."""

    outcome: Literal["granted", "refused"]
    code: str | None
    reason: str
    decided_on: date
    decided_by: str
    late: bool
    findings: list[Finding]
    sessions_of_week: tuple[DayOfWeek, ...] = ()


class LeaveWithdrawal(ServiceResponse):
    """The day on which a parent withdrew a request."""

    withdrawn_on: date
    reason: str
    recorded_by: str


class LeaveDates(Named):
    """The pupil, the days and the status of a request for leave."""

    id: UUID
    pupil_id: UUID
    urn: int
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    status: Literal["asked", "granted", "refused", "withdrawn"]


class SiblingLeave(LeaveDates):
    """A request for a child who shares a parent, on some of the same days."""

    school: str
    code: str | None
    decided_on: date | None


class LeaveRequest(LeaveDates):
    """A request for leave of absence; `family_id`: where it was asked for together with others."""

    family_id: UUID | None = None
    upn: str
    parent_id: UUID
    lives_with_pupil: bool | None
    asked_on: date
    in_advance: bool
    reason: str
    sessions_of_week: tuple[DayOfWeek, ...] = ()
    recorded_by: str
    decision: LeaveDecision | None
    withdrawal: LeaveWithdrawal | None = None
    siblings: list[SiblingLeave]


class Import(ServiceResponse):
    """A file of marks and how far its import has come."""

    id: UUID
    state: Literal["received", "running", "done", "failed"]
    format: str
    name: str | None
    urn: int | None
    mapping: str | None = None
    made_by: str
    received_at: datetime
    ended_at: datetime | None
    total: int | None
    position: int
    recorded: int
    amended: int
    unchanged: int
    ignored: int
    rejected: int
    noted: int = 0
    warnings: tuple[str, ...] = ()
    error: str | None = Field(alias="trouble")
    file_deleted_on: date | None = None
    report_deleted_on: date | None = None


class RefusedLine(ServiceResponse):
    """A line of a file that was not stored, and why; or one that was (`stored`), and what is noted about it."""

    line: int
    school: str
    upn: str
    date: str
    session: str
    code: str
    reason: str
    quarantined: bool = Field(alias="kept_apart")
    stored: bool = False


class Releases(ServiceResponse):
    """How many quarantined marks of how many pupils a roll has explained that are still to be stored."""

    pupils: int
    marks: int


class SicknessAnswer(ServiceResponse):
    """What a named person answered: whether the school turned the child away."""

    turned_away: bool
    reason: str
    answered_by: str
    answered_at: datetime


class SicknessQuestion(Named):
    """An O shortly after an illness, at a school with a sickness rule."""

    upn: str
    ill_on: date
    date: date
    session: Half
    rule_hours: int
    answer: SicknessAnswer | None

    @property
    def settled(self) -> bool:
        """Return whether nothing is left to do: the child was not turned away."""
        return self.answer is not None and not self.answer.turned_away


class SicknessQuestions(ServiceResponse):
    """The questions of a period, in order."""

    items: list[SicknessQuestion]
