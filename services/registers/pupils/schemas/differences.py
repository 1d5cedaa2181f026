"""Pupils whom schools record differently, and schools' claims to pupils."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AliasChoices, BaseModel, Field, model_validator

from services.registers.fields import Answer, Prose
from services.registers.pupils.domain.differences import Claim, DetailName
from services.registers.pupils.repository.differences import RecordRow
from services.registers.pupils.use_cases.differences import ShownDifference
from shared.database.rows import columns_of
from shared.http import Urn


class DetailsOut(Answer):
    """Names and date of birth."""

    forename: str
    surname: str
    date_of_birth: date


class SchoolRecordOut(DetailsOut):
    """A pupil as one school records them, and what that entry is worth."""

    urn: int
    school: str
    la_code: str
    year_group: str | None
    admitted_on: date
    left_on: date | None
    claim: Claim
    recorded_at: datetime


class DifferenceDecisionOut(Answer):
    """What an officer decided: whose details count, and what each school's entry was worth from then on."""

    urn: int
    claims: dict[str, Claim]
    reason: str
    decided_at: datetime
    decided_by: str


class ConfirmationOut(Answer):
    """What an officer of one authority decided, until an officer of each other one decides alike."""

    la_code: str
    urn: int
    claims: dict[str, Claim]
    reason: str
    confirmed_at: datetime
    confirmed_by: str


class DifferenceOut(Answer):
    """A pupil whom schools record differently. `counts` is what counts until it is decided otherwise; `majority` is shown, and decides nothing."""

    id: UUID
    pupil_id: UUID
    upn: str
    status: Literal["open", "decided", "agreed"]
    opened_at: datetime
    differing: list[DetailName]
    counts: DetailsOut
    confirmed: bool
    majority: DetailsOut | None
    schools: list[SchoolRecordOut]
    decisions: list[DifferenceDecisionOut]
    confirmations: list[ConfirmationOut]
    awaits: list[str]
    """Authorities of which an officer still has to decide alike, before what officers of other ones decided counts."""

    @classmethod
    def of(cls, shown: ShownDifference) -> Self:
        """Return a difference."""
        one, person = shown.difference, shown.person
        return cls(
            id=one.id,
            pupil_id=one.pupil_id,
            upn=one.upn,
            status="open" if one.closed_at is None else "decided" if shown.decisions else "agreed",
            opened_at=one.opened_at,
            differing=list(person.differing),
            counts=DetailsOut.model_validate(person.counted),
            confirmed=person.confirmed,
            majority=DetailsOut.model_validate(person.majority) if person.majority else None,
            schools=[_school(row) for row in shown.records],
            decisions=[DifferenceDecisionOut.model_validate(each) for each in shown.decisions],
            confirmations=[ConfirmationOut.model_validate(each) for each in shown.confirmations],
            awaits=shown.awaits,
        )


class ClaimAnswer(BaseModel):
    """Whether the pupil whom a school claims is this child."""

    urn: Urn
    same_child: bool


class DifferenceDecisionIn(BaseModel):
    """The school whose names and birth date count, an answer to each claim that awaits one, and why."""

    counts: Urn
    claims: Annotated[list[ClaimAnswer], Field(max_length=100)] = []
    reason: Prose

    @model_validator(mode="after")
    def _answers_once(self) -> Self:
        if len(self.answers) < len(self.claims):
            raise ValueError("a school's claim is answered once")
        return self

    @property
    def answers(self) -> dict[int, bool]:
        """Return the answers by school."""
        return {each.urn: each.same_child for each in self.claims}


class ClaimOut(DetailsOut):
    """A pupil of a school's roll whom no officer has confirmed, as the school sent them, and what the school can do."""

    upn: str
    claim: Literal["waiting", "refused"]
    explanation: str
    recorded_at: Annotated[datetime, Field(validation_alias=AliasChoices("stored_at", "recorded_at"))]


class ClaimsOut(Answer):
    """A school's claims that no officer has confirmed, by name."""

    items: list[ClaimOut]


def _school(row: RecordRow) -> SchoolRecordOut:
    pupil = row.record.pupil
    last = max(pupil.spells, key=lambda spell: spell.admitted_on)
    return SchoolRecordOut(
        **columns_of(pupil.details),
        urn=row.record.urn,
        school=row.name,
        la_code=row.la_code,
        year_group=pupil.year_group,
        admitted_on=last.admitted_on,
        left_on=last.left_on,
        claim=row.record.claim,
        recorded_at=row.recorded_at,
    )
