"""The pupils of a school as a file without UPNs may name them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from services.registers.tables.pupils import pupils, pupils_at_schools
from shared.database import Transaction
from shared.database.rows import fetch_all


@dataclass(frozen=True, slots=True)
class NamedPupilRow:
    """A pupil as the school has recorded one."""

    upn: str
    admission_number: str | None
    surname: str
    forename: str
    date_of_birth: date


async def pupils_of_school(tx: Transaction, urn: int) -> list[NamedPupilRow]:
    """Return everyone who is or was at a school, in the order of their UPNs."""
    here = pupils_at_schools.c
    query = select(pupils.c.upn, here.admission_number, here.surname, here.forename, here.date_of_birth)
    query = query.join(pupils, pupils.c.id == here.pupil_id).where(here.urn == urn).order_by(pupils.c.upn)
    return await fetch_all(tx, query, NamedPupilRow)
