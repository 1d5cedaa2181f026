"""A family as the caller may see it: parents by children, children by parents, and marks and leave on the same days."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.registers.leave import repository
from services.registers.leave.repository import Leave
from services.registers.marks.domain.history import MarkHistory
from services.registers.marks.use_cases.history import read_history
from services.registers.pupils.repository import parents, same_child
from services.registers.pupils.repository.parents import ParentRow
from services.registers.pupils.use_cases.history import PupilNotFound
from services.registers.pupils.use_cases.people import NamedPupil, read_named_pupils
from services.registers.schools.use_cases.access import own_schools
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo, id_in
from shared.problems import Invalid, NotFound

LONGEST = 92
"""Days of which a family's marks are shown at once."""


class ParentNotFound(NotFound):
    """There is no such parent."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days of which marks and leave are shown, both included."""

    start: date
    end: date

    @classmethod
    def of(cls, first: date | None, last: date | None) -> "Days | None":
        """Return the days asked for, None where none are; raise Invalid for half of them, or too many."""
        if first is None and last is None:
            return None
        if first is None or last is None or not 0 <= (last - first).days < LONGEST:
            raise Invalid(f"`from` and `to` stand together, `from` on or before `to`, at most {LONGEST} days in all.")
        return cls(first, last)


@dataclass(frozen=True, slots=True)
class FamilyParent:
    """A person by name, and whose parent they are; `open_match`: an officer is to decide whether they are another person too."""

    id: UUID
    forename: str
    surname: str
    open_match: bool
    children: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class FamilyChild:
    """A child by name, their parents, and what schools recorded of the days asked for."""

    pupil: NamedPupil
    parent_ids: Sequence[UUID]
    marks: Sequence[MarkHistory]
    leave: Sequence[Leave]


@dataclass(frozen=True, slots=True)
class Family:
    """Parents and their children, as far as the caller may see them."""

    days: Days | None
    parents: Sequence[FamilyParent]
    children: Sequence[FamilyChild]


async def own_parent(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether a person is a parent of a pupil whom the caller reaches, by what the caller's schools recorded."""
    parent_id = id_in(path, "parent_id")
    return parent_id is not None and bool((await _family(tx, caller, {parent_id}, (), None)).parents)


async def read_family(tx: Transaction, caller: CallerInfo, pupil_id: UUID, days: Days | None) -> Family:
    """Return a child's parents and all their children; raise PupilNotFound.

    One person across schools counts once, as officers confirmed. A school sees what its own schools recorded of pupils now or formerly on
    their rolls; an officer of an authority, what its schools did.
    """
    async with all_rows_visible(tx):  # on whichever record of the child
        records = await same_child.child_of(tx, [pupil_id])
    urns = await own_schools(tx, caller)
    links = await parents.parents_of_all(tx, records)
    persons = {row.parent_id for rows in links.values() for row in rows if urns is None or row.urn in urns}
    family = await _family(tx, caller, persons, records, days)
    if not family.children:
        raise PupilNotFound
    return family


async def read_parent(tx: Transaction, caller: CallerInfo, parent_id: UUID, days: Days | None) -> Family:
    """Return a person and their children, as `read_family` does; raise ParentNotFound."""
    family = await _family(tx, caller, {parent_id}, (), days)
    if not family.parents:
        raise ParentNotFound
    return family


async def _family(tx: Transaction, caller: CallerInfo, persons: set[UUID], also: Collection[UUID], days: Days | None) -> Family:
    """Return these persons with their children within reach, and these further records of a child."""
    urns = await own_schools(tx, caller)
    links = await parents.parents_of_all(tx, await parents.pupils_of(tx, persons) | set(also))
    rows = [row for each in links.values() for row in each if row.parent_id in persons and (urns is None or row.urn in urns)]
    async with all_rows_visible(tx):  # on whichever record of the child
        child = await same_child.child_of(tx, {row.pupil_id for row in rows} | set(also))
    named = {each.id: each for each in await read_named_pupils(tx, caller, set(child.values()))}
    rows = [row for row in rows if child[row.pupil_id] in named]
    records = {pupil_id: [record for record, own in child.items() if own == pupil_id] for pupil_id in named}
    requests = await _leave(tx, child, urns, days)
    children = [
        FamilyChild(
            pupil,
            sorted({row.parent_id for row in rows if child[row.pupil_id] == pupil_id}),
            [mark for record in records[pupil_id] for mark in await _marks(tx, record, urns, days)],
            [each for each in requests if child[each.pupil_id] == pupil_id],
        )
        for pupil_id, pupil in named.items()
    ]
    return Family(days, _parents(rows, child), sorted(children, key=lambda each: (each.pupil.date_of_birth, each.pupil.id)))


def _parents(rows: Sequence[ParentRow], child: Mapping[UUID, UUID]) -> list[FamilyParent]:
    by_id: dict[UUID, list[ParentRow]] = {}
    for row in rows:
        by_id.setdefault(row.parent_id, []).append(row)
    return [
        FamilyParent(
            parent_id,
            own[0].forename,
            own[0].surname,
            any(row.open_match for row in own),
            sorted({child[row.pupil_id] for row in own}),
        )
        for parent_id, own in sorted(by_id.items())
    ]


async def _marks(tx: Transaction, record: UUID, urns: Collection[int] | None, days: Days | None) -> list[MarkHistory]:
    return await read_history(tx, record, days.start, days.end, urns) if days else []


async def _leave(tx: Transaction, records: Collection[UUID], urns: Collection[int] | None, days: Days | None) -> list[Leave]:
    found = await repository.requests_of_pupils(tx, records, days.start, days.end) if days else []
    return [each for each in found if urns is None or each.urn in urns]
