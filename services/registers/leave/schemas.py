"""Requests for leave of absence, and the decisions."""

from datetime import date, datetime, time
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from services.registers.fields import Answer, CivilDate, MaybeLine, Prose
from services.registers.leave.domain import Code, Outcome, State
from services.registers.leave.use_cases.families import AskedFamilyLeave, ChildAtSchool
from services.registers.leave.use_cases.requests import AskedLeave, NewDecision
from services.registers.marks.domain.patterns import WEEKDAYS, PatternDay, Weekday
from shared.attendance.sessions import Half
from shared.http import Upn, Urn

LONGEST = 366
"""Days of one request."""


def _to_the_minute(moment: time) -> time:
    if moment.tzinfo or moment.second or moment.microsecond:
        raise ValueError("a time of day is written HH:MM, as in London")
    return moment


ClockTime = Annotated[time, AfterValidator(_to_the_minute), PlainSerializer(lambda moment: moment.isoformat("minutes"), return_type=str)]
"""A time of day in London, to the minute."""


class DayOfWeek(Answer):
    """A day of every week for which leave is: its sessions, by name or by agreed times, from which the sessions follow where none is named."""

    weekday: Weekday
    sessions: Annotated[tuple[Half, ...], Field(max_length=2)] = ()
    start: Annotated[ClockTime | None, Field(alias="from")] = None
    end: Annotated[ClockTime | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.start is None) != (self.end is None) or (self.start and self.end and self.start >= self.end):
            raise ValueError("`from` and `to` stand together, and `from` is the earlier one")
        if not self.sessions and self.start is None:
            raise ValueError("name the sessions, or the times")
        if len(set(self.sessions)) < len(self.sessions):
            raise ValueError("each session stands once")
        return self

    @property
    def pattern_day(self) -> PatternDay:
        """The day as rules have it."""
        return PatternDay(self.weekday, tuple(sorted(self.sessions)), self.start, self.end)


def _each_once(days: tuple[DayOfWeek, ...]) -> tuple[DayOfWeek, ...]:
    if len({each.weekday for each in days}) < len(days):
        raise ValueError("each day of the week stands once")
    return tuple(sorted(days, key=lambda each: WEEKDAYS.index(each.weekday)))


SessionsOfWeek = Annotated[tuple[DayOfWeek, ...], Field(max_length=len(WEEKDAYS)), AfterValidator(_each_once)]
"""For which sessions of every week leave is; empty: for every session of its days."""


class LeaveIn(BaseModel):
    """A parent asks for leave of absence for a pupil: the parent by `parent_ref`, the school's own id of the contact, or by `parent_id`."""

    model_config = ConfigDict(populate_by_name=True)

    upn: Upn
    urn: Urn
    parent_ref: MaybeLine = None
    parent_id: UUID | None = None
    asked_on: CivilDate | None = None
    """Default: today."""
    starts_on: Annotated[CivilDate, Field(alias="from")]
    ends_on: Annotated[CivilDate, Field(alias="to")]
    reason: Prose
    sessions_of_week: SessionsOfWeek = ()
    """Default: every session of these days."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.parent_ref is None) == (self.parent_id is None):
            raise ValueError("name the parent by parent_ref or by parent_id")
        if not 0 <= (self.ends_on - self.starts_on).days < LONGEST:
            raise ValueError("`from` is on or before `to`, at most a year in all")
        return self

    @property
    def asked(self) -> AskedLeave:
        """What the parent asks for."""
        pattern = tuple(each.pattern_day for each in self.sessions_of_week)
        who = self.upn, self.urn, self.parent_ref, self.parent_id
        return AskedLeave(*who, self.asked_on, self.starts_on, self.ends_on, self.reason, pattern)


class ChildIn(BaseModel):
    """A child for whom leave is asked, at the school that decides about it."""

    upn: Upn
    urn: Urn


class FamilyLeaveIn(BaseModel):
    """A parent asks for leave of absence for several children at once: the same days, and the same reason."""

    model_config = ConfigDict(populate_by_name=True)

    parent_id: UUID
    children: Annotated[list[ChildIn], Field(min_length=1, max_length=20)]
    asked_on: CivilDate | None = None
    """Default: today."""
    starts_on: Annotated[CivilDate, Field(alias="from")]
    ends_on: Annotated[CivilDate, Field(alias="to")]
    reason: Prose
    sessions_of_week: SessionsOfWeek = ()
    """Default: every session of these days."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if not 0 <= (self.ends_on - self.starts_on).days < LONGEST:
            raise ValueError("`from` is on or before `to`, at most a year in all")
        return self

    @property
    def asked(self) -> AskedFamilyLeave:
        """What the parent asks for."""
        pattern = tuple(each.pattern_day for each in self.sessions_of_week)
        children = [ChildAtSchool(each.upn, each.urn) for each in self.children]
        return AskedFamilyLeave(self.parent_id, children, self.asked_on, self.starts_on, self.ends_on, self.reason, pattern)


class LeaveDecisionIn(BaseModel):
    """The school's decision: granted under a code, or refused; and why, in words for the parents."""

    outcome: Outcome
    code: Code | None = None
    reason: Prose
    sessions_of_week: SessionsOfWeek = ()
    """Default: those that were asked for."""

    @property
    def decision(self) -> NewDecision:
        """What is decided."""
        return NewDecision(self.outcome, self.code, self.reason, tuple(each.pattern_day for each in self.sessions_of_week))


class LeaveWithdrawalIn(BaseModel):
    """The parent who asked takes the request back: on which day, and why, in their words or the school's."""

    withdrawn_on: CivilDate | None = None
    """Default: today."""
    reason: Prose


class LeaveWithdrawal(Answer):
    """When the parent took the request back, why, and who recorded it."""

    withdrawn_on: date
    reason: Annotated[str, Field(validation_alias="withdrawal_reason")]
    recorded_at: Annotated[datetime, Field(validation_alias="withdrawn_at")]
    recorded_by: Annotated[str, Field(validation_alias="withdrawn_by")]
    role: Annotated[str, Field(validation_alias="withdrawn_role")]


class LeaveDecision(Answer):
    """What was decided, by whom and when; `late`: the leave had begun by then."""

    outcome: Outcome
    code: Code | None
    reason: Annotated[str, Field(validation_alias="decision_reason")]
    decided_on: date
    decided_at: datetime
    decided_by: str
    role: Annotated[str, Field(validation_alias="decided_role")]
    late: bool
    findings: list[dict[str, object]]
    sessions_of_week: Annotated[tuple[DayOfWeek, ...], Field(validation_alias="granted_pattern")]
    """Those for which leave was granted; empty: every session of its days."""


class SiblingLeave(Answer):
    """Leave that was asked for on some of the same days for a child who shares a parent, and what that child's school decided."""

    id: UUID
    pupil_id: UUID
    forename: str
    surname: str
    urn: int
    school: str
    starts_on: Annotated[date, Field(alias="from")]
    ends_on: Annotated[date, Field(alias="to")]
    status: Annotated[State, Field(validation_alias="state")]
    code: Code | None
    decided_on: date | None


class LeaveOut(Answer):
    """A request for leave of absence. `in_advance`: asked for before it begins; `lives_with_pupil`: as the school had it recorded.

    `decision`: also of leave that was granted and then withdrawn.
    """

    id: UUID
    family_id: UUID | None
    """What requests share that a parent made for several children at once."""
    status: Annotated[State, Field(validation_alias="state")]
    pupil_id: UUID
    upn: str
    forename: str
    surname: str
    urn: int
    la_code: str
    parent_id: UUID
    lives_with_pupil: bool | None
    asked_on: date
    in_advance: bool
    starts_on: Annotated[date, Field(alias="from")]
    ends_on: Annotated[date, Field(alias="to")]
    reason: str
    sessions_of_week: Annotated[tuple[DayOfWeek, ...], Field(validation_alias="pattern")]
    """Those that were asked for; empty: every session of these days."""
    recorded_at: datetime
    recorded_by: str
    decision: LeaveDecision | None
    withdrawal: LeaveWithdrawal | None
    siblings: list[SiblingLeave]


class FamilyLeaveOut(Answer):
    """Requests for several children that a parent asked for together, as far as the caller may see them."""

    id: UUID
    items: list[LeaveOut]
