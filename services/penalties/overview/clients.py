"""Names, and in what schools record a pupil differently, asked of registers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from services.penalties.evidence.clients import REGISTERS
from shared.problems import Problem


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    forename: str
    surname: str


@dataclass(frozen=True, slots=True)
class RecordedPupil:
    """A pupil as one school records them; `claim`: what its roll entry is worth."""

    urn: int
    forename: str
    surname: str
    date_of_birth: date
    claim: Literal["accepted", "waiting", "confirmed", "refused"]


@dataclass(frozen=True, slots=True)
class PupilDifference:
    """In what schools record a pupil differently until an officer decides: nothing is counted anew before that."""

    id: UUID
    differing: tuple[Literal["forename", "surname", "date_of_birth"], ...]
    schools: tuple[RecordedPupil, ...]


@dataclass(frozen=True, slots=True)
class _Pupil(_Person):
    difference: PupilDifference | None = None


@dataclass(frozen=True, slots=True)
class _People:
    pupil: _Pupil
    parents: tuple[_Person, ...]


@dataclass(frozen=True, slots=True)
class ShownPeople:
    """The names of a pupil and their parents by id, and in what schools record the pupil differently."""

    names: Mapping[UUID, str] = field(default_factory=dict)
    difference: PupilDifference | None = None


async def people_of(pupil_id: UUID) -> ShownPeople:
    """Return a pupil's people; empty where registers cannot answer: a case is shown without them."""
    try:
        found = await REGISTERS.read(f"/v1/people/{pupil_id}", _People)
    except Problem:
        return ShownPeople()
    names = {person.id: f"{person.forename} {person.surname}" for person in (found.pupil, *found.parents)}
    return ShownPeople(names, found.pupil.difference)
