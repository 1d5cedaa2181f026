"""Names and addresses from `registers`, asked for when a bundle is printed."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.http import ServiceClient

REGISTERS = ServiceClient("registers")


@dataclass(frozen=True, slots=True)
class Pupil:
    """The child by name."""

    forename: str
    surname: str
    date_of_birth: date


@dataclass(frozen=True, slots=True)
class Parent:
    """A parent by name, with the address that one school has."""

    id: UUID
    forename: str
    surname: str
    address: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class People:
    """A pupil and their parents."""

    pupil: Pupil
    parents: tuple[Parent, ...]


@dataclass(frozen=True, slots=True)
class School:
    """A school by name."""

    name: str


async def ask_people(pupil_id: UUID) -> People:
    """Return a pupil and their parents; raise NotFound, Unavailable or IncompleteResponse."""
    return await REGISTERS.read(f"/v1/people/{pupil_id}", People)


async def ask_school(urn: int) -> School:
    """Return a school; raise NotFound, Unavailable or IncompleteResponse."""
    return await REGISTERS.read(f"/v1/schools/{urn}", School)
