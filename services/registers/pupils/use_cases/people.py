"""A pupil's people, for a letter or a file."""

from collections.abc import Collection
from uuid import UUID

from services.registers.pupils.repository import parents, pupils, same_child
from services.registers.pupils.schemas.people import People, PersonParent, PersonPupil, PupilSchool
from services.registers.pupils.use_cases.history import PupilNotFound
from shared.database import Transaction, all_rows_visible


async def read_people(tx: Transaction, pupil_id: UUID, urns: Collection[int] | None) -> People:
    """Return a pupil and their parents by name and address, at this moment, as these schools know them or all; raise PupilNotFound.

    Every record of the child tells of its schools and its parents.
    """
    async with all_rows_visible(tx):  # whoever has to do with a pupil may know which other schools have
        pupil = await pupils.pupil(tx, pupil_id)
        child = await same_child.together(tx, [pupil_id])
        records = sorted(child, key=lambda record: (record != pupil_id, record))
        born = await same_child.birth_of(tx, child[pupil_id])
        rolls = [row for rows in (await pupils.rolls_of(tx, records)).values() for row in rows]
    known = [row for record in records if (row := await pupils.latest_at_school(tx, record))]
    if pupil is None or born is None or not known:
        raise PupilNotFound
    schools = [
        PupilSchool(urn=row.urn, name=row.name, la_code=row.la_code, admitted_on=row.admitted_on, left_on=row.left_on) for row in rolls
    ]
    return People(
        pupil=PersonPupil(
            id=pupil.id,
            upn=pupil.upn,
            forename=known[0].forename,
            surname=known[0].surname,
            date_of_birth=born,
            schools=schools,
        ),
        parents=[
            PersonParent(
                id=row.parent_id,
                forename=row.forename,
                surname=row.surname,
                relationship=row.relationship,
                lives_with_pupil=row.lives_with_pupil,
                liability_basis=row.liability_basis,
                address=row.address,
                email=row.email,
                urn=row.urn,
            )
            for rows in (await parents.parents_of_all(tx, records)).values()
            for row in rows
            if urns is None or row.urn in urns
        ],
    )
