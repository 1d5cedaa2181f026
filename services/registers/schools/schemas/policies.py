"""A school's attendance policy, and the schools that it continues."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, Field

from services.registers.fields import Answer, CivilDate, Line, Prose
from services.registers.schools.domain.schools import Policy
from services.registers.schools.schemas.schools import SchoolContact, contact_of
from shared.http import Urn


class PolicyIn(Answer):
    """What a school's attendance policy must name, as the statutory guidance has it.

    `sickness_rule_hours`: for how long it keeps a child away after an illness, if it does.
    """

    senior_attendance_champion: SchoolContact | Line
    day_to_day_contact: SchoolContact | Line
    legal_consequences_wording: Prose
    sickness_rule_hours: Literal[24, 48] | None = None

    def policy(self, since: date) -> Policy:
        """Return the policy from its first day on."""
        champion, contact = contact_of(self.senior_attendance_champion), contact_of(self.day_to_day_contact)
        return Policy(since, champion, contact, self.legal_consequences_wording, self.sickness_rule_hours)


class PolicyOut(PolicyIn):
    """A school's attendance policy, from its first day on (`from`) until the next one's."""

    since: Annotated[date, Field(validation_alias=AliasChoices("since", "from"), serialization_alias="from")]


class Policies(BaseModel):
    """A school's attendance policies, the newest first."""

    items: list[PolicyOut]


class PredecessorIn(BaseModel):
    """The school that this one continues, and from which day."""

    urn: Urn
    on: CivilDate


class Succession(Answer):
    """A school before or after this one, and the first day of the later one."""

    urn: int
    on: date


class Successions(Answer):
    """The schools that this one continues, and those that continue it."""

    predecessors: list[Succession]
    successors: list[Succession]
