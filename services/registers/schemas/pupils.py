"""A pupil as a school sends one, and as it is stored."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from services.registers.schemas.types import Address, CivilDate, Line, MaybeLine, null_is

YearGroup = Annotated[MaybeLine, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]


class ParentIn(BaseModel):
    """A parent, as the school knows them; `ref` is the school system's own id of the contact."""

    ref: Line
    forename: Line
    surname: Line
    relationship: MaybeLine = None
    lives_with_pupil: bool | None = None
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
    urn: int
    compulsory_from: date
    compulsory_to: date
    parents: list[PupilParentOut]
    released: int
    """Marks kept in quarantine until now that this pupil or roll explained."""
