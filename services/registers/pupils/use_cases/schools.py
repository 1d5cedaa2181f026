"""A school that moves to another authority takes its pupils' rolls along."""

from services.registers.pupils.repository import pupils
from services.registers.pupils.use_cases.publishing import publish_rolls
from services.registers.schools.domain.schools import School
from services.registers.schools.repository.schools import la_codes
from services.registers.schools.use_cases import schools
from services.registers.schools.use_cases.schools import Stored
from shared.database import Transaction


async def put_school(tx: Transaction, school: School, by: str) -> Stored[School]:
    """Store a school in place of what was; where it moves to another authority, publish its calendars and its pupils' rolls again."""
    moves = (await la_codes(tx, [school.urn])).get(school.urn, school.la_code) != school.la_code
    # Pupils are locked before schools, as everywhere.
    affected = await pupils.lock(tx, await pupils.pupils_of_school(tx, school.urn)) if moves else []
    stored = await schools.put_school(tx, school, by)
    await publish_rolls(tx, affected)
    return stored
