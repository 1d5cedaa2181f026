"""Names, asked of registers."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.penalties.evidence.clients.registers import REGISTERS
from shared.problems import Problem


@dataclass(frozen=True, slots=True)
class Person:
    """A person's name and how they stand to the pupil."""

    forename: str
    surname: str
    relationship: str | None = None

    @property
    def name(self) -> str:
        """Return the name as it is read."""
        return f"{self.forename} {self.surname}"


async def names_of(pupil_id: UUID) -> Mapping[UUID, Person]:
    """Return the names of a pupil and their parents by id; empty where registers cannot say: a case is shown without them."""
    try:
        found = await REGISTERS.get(f"/v1/people/{pupil_id}")
    except Problem:
        return {}
    return {
        UUID(str(person["id"])): Person(person["forename"], person["surname"], person.get("relationship"))
        for person in (found["pupil"], *found["parents"])
    }
