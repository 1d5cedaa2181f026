"""A school's attendance policy, and the schools that it continues."""

from datetime import date
from typing import Annotated

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from services.registers.fields import CivilDate, Line, Prose
from services.registers.schools.schemas.schools import SchoolContact
from shared.http import Urn


class PolicyIn(BaseModel):
    """What a school's attendance policy must name, as the statutory guidance has it."""

    senior_attendance_champion: SchoolContact | Line
    day_to_day_contact: SchoolContact | Line
    legal_consequences_wording: Prose


class PolicyOut(PolicyIn):
    """A school's attendance policy, from its first day on (`from`) until the next one's."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True, serialize_by_alias=True)

    since: Annotated[date, Field(validation_alias=AliasChoices("since", "from"), serialization_alias="from")]


class Policies(BaseModel):
    """A school's attendance policies, the newest first."""

    items: list[PolicyOut]


class PredecessorIn(BaseModel):
    """The school that this one continues, and from which day."""

    urn: Urn
    on: CivilDate


class Succession(BaseModel):
    """A school before or after this one, and the first day of the later one."""

    model_config = ConfigDict(from_attributes=True)

    urn: int
    on: date


class Successions(BaseModel):
    """The schools that this one continues, and those that continue it."""

    predecessors: list[Succession]
    successors: list[Succession]
