"""A pupil's people by name and address, for a letter or a file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.registers.pupils.domain.differences import Claim, DetailName, Person
from services.registers.pupils.domain.pupils import PersonalDetails
from services.registers.pupils.repository import differences, parents, pupils, rolls, same_child
from services.registers.pupils.repository.parents import ParentRow
from services.registers.pupils.repository.rolls import RollRow
from services.registers.pupils.use_cases.history import PupilNotFound
from shared.database import Transaction, all_rows_visible
from shared.database.rows import columns_of
from shared.http import CallerInfo

MOST = 100
"""Pupils whose names are read at once: their ids still fit into an address."""


@dataclass(frozen=True, slots=True)
class NamedPupil:
    """A pupil by name, with every stay on a school's roll."""

    id: UUID
    upn: str
    forename: str
    surname: str
    date_of_birth: date
    schools: list[RollRow]
    difference: "OpenDifference | None" = None


@dataclass(frozen=True, slots=True)
class NamedRecord(PersonalDetails):
    """A pupil as one school records them; `claim`: what the entry is worth."""

    urn: int
    claim: Claim


@dataclass(frozen=True, slots=True)
class OpenDifference:
    """In what schools record a pupil differently, until an officer decides, and what each records."""

    id: UUID
    differing: Sequence[DetailName]
    schools: Sequence[NamedRecord]


@dataclass(frozen=True, slots=True)
class People:
    """A pupil and their parents."""

    pupil: NamedPupil
    parents: list[ParentRow]


async def read_people(tx: Transaction, pupil_id: UUID, urns: Collection[int] | None) -> People:
    """Return a pupil and their parents at this moment, as these schools know them or all; raise PupilNotFound.

    Schools and parents are those of every record of the child; to all, the names are those that count. A school is shown in what others
    differ, and not what they recorded.
    """
    async with all_rows_visible(tx):  # whoever has to do with a pupil may know which other schools have
        records = _records(pupil_id, await same_child.child_of(tx, [pupil_id]))
        difference = await _open_difference(tx, records, with_records=urns is None)
    named = await _named(tx, [pupil_id], urns)
    if not named:
        raise PupilNotFound
    listed = [row for rows in (await parents.parents_of_all(tx, records)).values() for row in rows]
    return People(replace(named[0], difference=difference), [row for row in listed if urns is None or row.urn in urns])


async def read_named_pupils(tx: Transaction, caller: CallerInfo, pupil_ids: Collection[UUID]) -> list[NamedPupil]:
    """Return those of these pupils, by name, who are or were on a roll that the caller may see."""
    if not caller.bound and caller.la_code is None:
        return await _named(tx, pupil_ids, None)
    async with all_rows_visible(tx):  # as for one pupil: by any record of the child
        reached = await pupils.reached(tx, pupil_ids, caller.schools if caller.bound else None, caller.la_code)
    return await _named(tx, reached, caller.schools if caller.bound else None)


async def _named(tx: Transaction, pupil_ids: Collection[UUID], urns: Collection[int] | None) -> list[NamedPupil]:
    """Return the pupils who are known, with the schools of every record of the child.

    The names are those that count; to these schools, those of the visible record that was sent last, and once the pupil has left them, no
    school that came later.
    """
    async with all_rows_visible(tx):
        found = await pupils.pupils_of(tx, pupil_ids)
        child = await same_child.child_of(tx, pupil_ids)
        born = await same_child.births_of(tx, set(child.values()))
        stays = await rolls.rolls_of(tx, child)
    names = await pupils.latest_names(tx, child)
    named = []
    for pupil in found:
        records = _records(pupil.id, child)
        name = next((names[record] for record in records if record in names), None)
        if name and (birth := born.get(child[pupil.id])):
            shown = pupil.details if urns is None else name
            schools = [row for record in records for row in stays[record]]
            if urns is not None:
                last = max((row.spell.end for row in schools if row.urn in urns), default=date.max)
                schools = [row for row in schools if row.admitted_on <= last]
            named.append(NamedPupil(pupil.id, pupil.upn, shown.forename, shown.surname, birth, schools))
    return named


def _records(pupil_id: UUID, child: Mapping[UUID, UUID]) -> list[UUID]:
    """Return a record, and then the others of the same child."""
    same = (record for record, own in child.items() if own == child[pupil_id])
    return sorted(same, key=lambda record: (record != pupil_id, record))


async def _open_difference(tx: Transaction, records: Collection[UUID], *, with_records: bool) -> OpenDifference | None:
    found = await differences.open_difference_of(tx, records)
    if found is None:
        return None
    rows = await differences.records_of_pupils(tx, [found.pupil_id])
    (row,) = await pupils.pupils_of(tx, [found.pupil_id])
    person = Person(row.details, row.confirmed, tuple(each.record for each in rows))
    shown = [NamedRecord(**columns_of(each.pupil.details), urn=each.urn, claim=each.claim) for each in person.records]
    return OpenDifference(found.id, person.differing, shown if with_records else [])
