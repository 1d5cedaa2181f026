"""The people and the school of a letter, as `registers` names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

ADDRESS_LINES = 7
"""How many lines a printed address may have, the name among them (GOV.UK Notify)."""


@dataclass(frozen=True, slots=True)
class Person:
    """A pupil or a parent by name."""

    forename: str
    surname: str

    @property
    def name(self) -> str:
        """Return forename and surname."""
        return f"{self.forename} {self.surname}"


@dataclass(frozen=True, slots=True)
class Parent(Person):
    """A parent of the child, as one school has them on record."""

    id: UUID
    urn: int
    address: tuple[str, ...] | None
    lives_with_pupil: bool | None

    @property
    def postal_address(self) -> tuple[str, ...]:
        """Return the address, empty where the school has none."""
        return self.address or ()


@dataclass(frozen=True, slots=True)
class School:
    """The school of the case."""

    name: str


@dataclass(frozen=True, slots=True)
class People:
    """A pupil and their parents; one parent may be on the record of several schools."""

    pupil: Person
    parents: tuple[Parent, ...]

    def parent(self, parent_id: UUID, urn: int) -> Parent | None:
        """Return a parent as the school of this URN has them, or else as any school with an address does; null: not on record."""
        records = [each for each in self.parents if each.id == parent_id]
        return min(records, key=lambda each: (not each.address, each.urn != urn), default=None)


def printed_address(name: str, address: Sequence[str]) -> list[str]:
    """Return name and address in at most seven lines, with the last line on its own: lines before it are joined where there are more."""
    lines = [name, *(line.strip() for line in address if line.strip())]
    while len(lines) > ADDRESS_LINES:
        lines[-3:-1] = [f"{lines[-3]}, {lines[-2]}"]
    return lines
