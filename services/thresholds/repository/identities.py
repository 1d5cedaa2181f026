"""Whose a UPN is, or was."""

from uuid import UUID

from sqlalchemy import select, text

from services.thresholds.tables import pupils
from shared.attendance.identities import merged_records
from shared.database import Transaction

_BY_UPN = text("""
    SELECT id FROM (
        SELECT id, true AS present FROM pupils WHERE upn = :upn UNION ALL SELECT pupil_id, false FROM former_upns WHERE upn = :upn
    ) AS found ORDER BY present DESC, id DESC LIMIT 1
""")


async def pupil_of(tx: Transaction, upn: str) -> UUID | None:
    """Return the pupil who has this UPN, or else had it; of several (a number that was corrected) the one created last.

    Of a child with several records it is the one under which the child is judged.
    """
    found: UUID | None = (await tx.execute(_BY_UPN, {"upn": upn})).scalar()
    return (await merged_records(tx, [found])).get(found, found) if found else None


async def present_upn(tx: Transaction, pupil_id: UUID) -> str | None:
    """Return the UPN that a pupil has now; None until a roll has arrived."""
    found: str | None = (await tx.execute(select(pupils.c.upn).where(pupils.c.id == pupil_id))).scalar()
    return found
