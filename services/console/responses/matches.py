"""Two parents who may be one person, from registers."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from services.console.responses.schools import Named
from services.console.responses.values import ServiceResponse


class Contact(Named):
    """A parent as one school knows them; of one out of reach the name and the school alone."""

    urn: int
    school: str
    la_code: str
    address: list[str] | None
    email: str | None
    phone: str | None
    pupils: list[str]


class Person(ServiceResponse):
    """One of the two."""

    id: UUID
    contacts: list[Contact]
    within_reach: bool


class Confirmation(ServiceResponse):
    """The answer of an officer who reaches one of the two persons alone."""

    la_code: str
    reason: str
    confirmed_at: datetime
    confirmed_by: str


class ParentMatch(ServiceResponse):
    """Two parents who may be one person; `decides`: nobody else has to confirm where this person does."""

    id: UUID
    status: Literal["open", "same", "different"]
    reasons: list[str]
    people: list[Person]
    confirmation: Confirmation | None
    decides: bool
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None

    @property
    def contacts(self) -> list[Contact]:
        """Return the contacts of both, the one's after the other's."""
        return [contact for person in self.people for contact in person.contacts]

    @property
    def name(self) -> str:
        """Return the name that the two share."""
        return self.contacts[0].name if self.contacts else "Name not shown"

    @property
    def schools(self) -> list[str]:
        """Return the schools that know either, each once."""
        return list(dict.fromkeys(contact.school for contact in self.contacts))
