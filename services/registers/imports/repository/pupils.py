"""The pupils of a school as a file without UPNs may name them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from services.registers.tables.pupils import pupils, pupils_at_schools, roll_spells
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
    """Return everyone who is or was at a school, in the order of their UPNs, each by one that finds them there."""
    here, found = pupils_at_schools.c, roll_spells.c
    shown = (
        select(found.upn).where(found.urn == urn, found.pupil_id == here.pupil_id).order_by((found.upn == pupils.c.upn).desc(), found.upn)
    )
    upn = func.coalesce(shown.limit(1).scalar_subquery(), pupils.c.upn).label("upn")
    query = select(upn, here.admission_number, here.surname, here.forename, here.date_of_birth)
    query = query.join(pupils, pupils.c.id == here.pupil_id).where(here.urn == urn).order_by(upn)
    return await fetch_all(tx, query, NamedPupilRow)
