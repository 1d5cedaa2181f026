"""A pupil as a school sends one, and as it is stored."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.registers.fields import Address, CivilDate, Line, MaybeLine, Prose, null_is
from shared.http import Upn

YearGroup = Annotated[MaybeLine, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]


LiabilityBasis = Literal["natural-parent", "parental-responsibility", "care"]


class ParentIn(BaseModel):
    """A parent, as the school knows them; `ref` is the school system's own id of the contact."""

    ref: Line
    forename: Line
    surname: Line
    relationship: MaybeLine = None
    lives_with_pupil: bool | None = None
    liability_basis: LiabilityBasis | None = None
    """On what it rests that this person is a parent in law (Education Act 1996 s.576)."""
    address: Address = None
    email: MaybeLine = None
    phone: MaybeLine = None


class SpellIn(BaseModel):
    """An earlier stay on the same roll: first and last day."""

    admitted_on: CivilDate
    left_on: CivilDate


class PupilIn(BaseModel):
    """The whole truth about a pupil at one school, in place of what was."""

    forename: Line
    surname: Line
    date_of_birth: Annotated[CivilDate, Field(ge=date(1997, 1, 1))]
    """Who was born earlier had left school before any mark that is still kept, and before the law that this product knows."""
    year_group: YearGroup = None
    admitted_on: CivilDate
    left_on: CivilDate | None = None
    earlier_spells: Annotated[list[SpellIn], Field(max_length=20), null_is([])] = []
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
    upn_kind: Literal["permanent", "temporary"]
    urn: int
    compulsory_from: date
    compulsory_to: date
    parents: list[PupilParentOut]
    released: int
    """Marks kept in quarantine until now that this pupil or roll explained."""


class RollIn(BaseModel):
    """A school's roll, or a part of it: each pupil as `PUT …/pupils/{upn}` takes one, with the `upn`."""

    pupils: Annotated[list[dict[str, Any]], Field(max_length=5000)]


class RollRejected(BaseModel):
    """A pupil who was not stored, and why; `upn` as it was sent."""

    upn: str
    reason: str


class RollOut(BaseModel):
    """What became of the pupils: stored or changed, the same as before, rejected; and the marks that their rolls took in."""

    stored: int
    unchanged: int
    released: int
    rejected: list[RollRejected]


class UpnChangeIn(BaseModel):
    """Another UPN for a pupil, and why."""

    new_upn: Upn
    reason: Prose


class UpnChangeOut(BaseModel):
    """A change of a pupil's UPN."""

    model_config = ConfigDict(from_attributes=True)

    was: str
    became: str
    reason: str
    changed_at: datetime
    changed_by: str


class IdentityOut(BaseModel):
    """A pupil's UPNs: the present one, its kind, and every change."""

    pupil_id: UUID
    upn: str
    upn_kind: Literal["permanent", "temporary"]
    upns: list[str]
    """Every UPN that finds this pupil."""
    changes: list[UpnChangeOut]
