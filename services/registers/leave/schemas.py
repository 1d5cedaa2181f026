"""Requests for leave of absence, and the decisions."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.registers.fields import Answer, CivilDate, MaybeLine, Prose
from services.registers.leave.domain import Code, Outcome, State
from services.registers.leave.use_cases import AskedLeave
from shared.http import Upn, Urn

LONGEST = 366
"""Days of one request."""


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
        return AskedLeave(self.upn, self.urn, self.parent_ref, self.parent_id, self.asked_on, self.starts_on, self.ends_on, self.reason)


class LeaveDecisionIn(BaseModel):
    """The school's decision: granted under a code, or refused; and why, in words for the parents."""

    outcome: Outcome
    code: Code | None = None
    reason: Prose


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
    recorded_at: datetime
    recorded_by: str
    decision: LeaveDecision | None
    withdrawal: LeaveWithdrawal | None
    siblings: list[SiblingLeave]
