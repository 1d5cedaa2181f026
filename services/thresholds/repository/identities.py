"""Whose a UPN is, or was."""

from uuid import UUID

from sqlalchemy import select, text

from services.thresholds.tables import pupils
from shared.attendance.identities import merged_records
from shared.database import Transaction

_BY_UPN = text("""
    SELECT id FROM (
        SELECT id, true AS present, false AS asserted FROM pupils WHERE upn = :upn
        UNION ALL SELECT pupil_id, false, asserted FROM former_upns WHERE upn = :upn
    ) AS found GROUP BY id ORDER BY bool_or(asserted), bool_or(present) DESC, id DESC
""")


async def pupils_of(tx: Transaction, upn: str) -> list[UUID]:
    """Return the pupils who have this UPN, or else had it, and last those for whom it is asserted: nearly always one.

    Of several who had it (a number that was corrected) the one created last comes first. Of a child with several records it is the one under
    which the child is judged.
    """
    found = list((await tx.execute(_BY_UPN, {"upn": upn})).scalars())
    child = await merged_records(tx, found) if found else {}
    return list(dict.fromkeys(child.get(each, each) for each in found))


async def present_upn(tx: Transaction, pupil_id: UUID) -> str | None:
    """Return the UPN that a pupil has now; None until a roll has arrived."""
    found: str | None = (await tx.execute(select(pupils.c.upn).where(pupils.c.id == pupil_id))).scalar()
    return found
