"""Cases, listed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from services.penalties.case_file.repository.visibility import Visibility, on_roll_today, visible
from services.penalties.projections.repository import pupils_by_upn
from services.penalties.tables.cases import cases
from services.penalties.tables.projections import pupils, rolls
from shared.database import Transaction


async def case_page(
    tx: Transaction, reach: Visibility, *, upn: str | None, urn: int | None, status: str | None, after: UUID | None, limit: int
) -> Sequence[Any]:
    """Return up to `limit` cases within reach after one, in the order in which they were opened, with the pupil's UPN.

    `upn`: any that the pupil has or had; `urn`: the case's school, or the pupil's present one.
    """
    child = pupils.alias("child")
    found = select(cases, func.coalesce(child.c.upn, pupils.c.upn).label("upn"))
    found = found.join_from(cases, pupils, cases.c.pupil_id == pupils.c.id, isouter=True)
    found = found.join(child, child.c.id == func.coalesce(pupils.c.same_as, pupils.c.id), isouter=True)
    found = found.where(visible(reach, cases.c.pupil_id, cases.c.urn, cases.c.la_code))
    if upn is not None:
        found = found.where(cases.c.pupil_id.in_(pupils_by_upn(upn)))
    if urn is not None:
        found = found.where(or_(cases.c.urn == urn, on_roll_today(reach, cases.c.pupil_id, rolls.c.urn == urn)))
    if status is not None:
        found = found.where(cases.c.status == status)
    if after is not None:
        found = found.where(cases.c.id > after)
    return (await tx.execute(found.order_by(cases.c.id).limit(limit))).all()
