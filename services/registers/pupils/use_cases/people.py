"""A pupil's people by name and address, for a letter or a file."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.registers.pupils.repository import parents, pupils, rolls, same_child
from services.registers.pupils.repository.parents import ParentRow
from services.registers.pupils.repository.rolls import RollRow
from services.registers.pupils.use_cases.history import PupilNotFound
from shared.database import Transaction, all_rows_visible


@dataclass(frozen=True, slots=True)
class NamedPupil:
    """A pupil by name, with every stay on a school's roll."""

    id: UUID
    upn: str
    forename: str
    surname: str
    date_of_birth: date
    schools: list[RollRow]


@dataclass(frozen=True, slots=True)
class People:
    """A pupil and their parents."""

    pupil: NamedPupil
    parents: list[ParentRow]


async def read_people(tx: Transaction, pupil_id: UUID, urns: Collection[int] | None) -> People:
    """Return a pupil and their parents at this moment, as these schools know them or all; raise PupilNotFound.

    Schools and parents are those of every record of the child.
    """
    async with all_rows_visible(tx):  # whoever has to do with a pupil may know which other schools have
        pupil = await pupils.pupil(tx, pupil_id)
        child = await same_child.child_of(tx, [pupil_id])
        records = sorted(child, key=lambda record: (record != pupil_id, record))
        born = await same_child.birth_of(tx, child[pupil_id])
        schools = [row for rows in (await rolls.rolls_of(tx, records)).values() for row in rows]
    names = [row for record in records if (row := await pupils.latest_at_school(tx, record))]
    if pupil is None or born is None or not names:
        raise PupilNotFound
    listed = [row for rows in (await parents.parents_of_all(tx, records)).values() for row in rows]
    return People(
        NamedPupil(pupil.id, pupil.upn, names[0].forename, names[0].surname, born, schools),
        [row for row in listed if urns is None or row.urn in urns],
    )
