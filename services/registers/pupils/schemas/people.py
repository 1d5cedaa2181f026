"""Proposed matches of parents, and a pupil's people by name and address."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AliasChoices, BaseModel, Field

from services.registers.fields import Answer, Prose
from services.registers.pupils.domain.differences import Claim, DetailName
from services.registers.pupils.domain.parents import LiabilityBasis


class MatchContact(Answer):
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


class MatchPerson(Answer):
    """One of the two who may be the same; out of the caller's reach by the name and the schools alone."""

    id: UUID
    contacts: list[MatchContact]
    within_reach: bool


class MatchConfirmation(Answer):
    """The answer of an officer who reaches one of the two persons alone; an officer of an authority that reaches the other one is asked."""

    la_code: str
    reason: str
    confirmed_at: datetime
    confirmed_by: str


class MatchOut(Answer):
    """Two parents who may be one person, on what they agree, and what an officer decided."""

    id: UUID
    status: Literal["open", "same", "different"]
    reasons: list[str]
    people: list[MatchPerson]
    confirmation: MatchConfirmation | None
    decides: bool
    """Whether nobody else has to confirm where the caller does."""
    proposed_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None


class MatchDecision(BaseModel):
    """An officer's answer to a proposed match."""

    same: bool
    reason: Prose


class MatchUndoing(BaseModel):
    """Why an answer is taken back."""

    reason: Prose


class PupilSchool(Answer):
    """One stay of the pupil on a school's roll."""

    urn: int
    name: str
    la_code: str
    admitted_on: date
    left_on: date | None


class PersonRecord(Answer):
    """A pupil as one school records them, and what its roll entry is worth."""

    urn: int
    forename: str
    surname: str
    date_of_birth: date
    claim: Claim


class PersonDifference(Answer):
    """In what schools record the pupil differently until an officer decides; what each records is shown to no school."""

    id: UUID
    differing: list[DetailName]
    schools: list[PersonRecord]


class NamedPupil(Answer):
    """A pupil by name, with the schools on whose rolls they are or were."""

    id: UUID
    upn: str
    forename: str
    surname: str
    date_of_birth: date
    schools: list[PupilSchool]


class PersonPupil(NamedPupil):
    """A pupil, for a letter or a file."""

    difference: PersonDifference | None


class NamedPupils(Answer):
    """Pupils by name."""

    items: list[NamedPupil]


class PersonParent(Answer):
    """A parent of the pupil, as one school knows them."""

    id: Annotated[UUID, Field(validation_alias=AliasChoices("parent_id", "id"))]
    forename: str
    surname: str
    relationship: str | None
    lives_with_pupil: bool | None
    liability_basis: LiabilityBasis | None
    address: list[str] | None
    email: str | None
    urn: int


class People(Answer):
    """A pupil and their parents by name and address, at this moment."""

    pupil: PersonPupil
    parents: list[PersonParent]
