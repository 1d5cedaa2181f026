"""Names, asked of registers."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.penalties.evidence.clients import REGISTERS
from shared.problems import Problem


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    forename: str
    surname: str


@dataclass(frozen=True, slots=True)
class _People:
    pupil: _Person
    parents: tuple[_Person, ...]


async def names_of(pupil_id: UUID) -> Mapping[UUID, str]:
    """Return the names of a pupil and their parents by id; empty where registers cannot answer: a case is shown without them."""
    try:
        found = await REGISTERS.read(f"/v1/people/{pupil_id}", _People)
    except Problem:
        return {}
    return {person.id: f"{person.forename} {person.surname}" for person in (found.pupil, *found.parents)}
