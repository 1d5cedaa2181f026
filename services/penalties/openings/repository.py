"""On whose roll a pupil is."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from services.penalties.tables.projections import rolls
from shared.attendance.identities import pupils_by_upn
from shared.database import Transaction
from shared.database.rows import fetch_all


@dataclass(frozen=True, slots=True)
class RollOfPupil:
    """A record of a pupil, a school on whose roll it is, and the school's authority."""

    pupil_id: UUID
    urn: int
    la_code: str


async def rolls_of(tx: Transaction, upn: str, today: date) -> list[RollOfPupil]:
    """Return the rolls on which the pupil of a UPN is today, the latest admission first."""
    present = rolls.c.admitted_on <= today, or_(rolls.c.left_on.is_(None), rolls.c.left_on >= today)
    found = select(rolls.c.pupil_id, rolls.c.urn, rolls.c.la_code).where(rolls.c.pupil_id.in_(pupils_by_upn(upn)), *present)
    return await fetch_all(tx, found.order_by(rolls.c.admitted_on.desc(), rolls.c.urn), RollOfPupil)
