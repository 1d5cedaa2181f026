"""A pupil's people by name and address, for a letter or a file."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class NamedPupil:
    """A pupil by name, with every stay on a school's roll."""

    id: UUID
    upn: str
    forename: str
    surname: str
    date_of_birth: date
    schools: list[RollRow]
    difference: "OpenDifference | None"


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
        pupil = await pupils.pupil(tx, pupil_id)
        child = await same_child.child_of(tx, [pupil_id])
        records = sorted(child, key=lambda record: (record != pupil_id, record))
        born = await same_child.birth_of(tx, child[pupil_id])
        schools = [row for rows in (await rolls.rolls_of(tx, records)).values() for row in rows]
        difference = await _open_difference(tx, records, with_records=urns is None)
    names = [row.details for record in records if (row := await pupils.latest_at_school(tx, record))]
    if pupil is None or born is None or not names:
        raise PupilNotFound
    name = names[0] if urns is not None else pupil.details
    listed = [row for rows in (await parents.parents_of_all(tx, records)).values() for row in rows]
    return People(
        NamedPupil(pupil.id, pupil.upn, name.forename, name.surname, born, schools, difference),
        [row for row in listed if urns is None or row.urn in urns],
    )


async def _open_difference(tx: Transaction, records: Collection[UUID], *, with_records: bool) -> OpenDifference | None:
    found = await differences.open_difference_of(tx, records)
    if found is None:
        return None
    rows = await differences.records_of_pupils(tx, [found.pupil_id])
    (row,) = await pupils.pupils_of(tx, [found.pupil_id])
    person = Person(row.details, row.confirmed, tuple(each.record for each in rows))
    shown = [NamedRecord(**columns_of(each.pupil.details), urn=each.urn, claim=each.claim) for each in person.records]
    return OpenDifference(found.id, person.differing, shown if with_records else [])
