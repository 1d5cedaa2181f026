"""Whose a UPN is, or was, and which records are of one child."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select, text

from services.thresholds.tables import pupils
from shared.database import Transaction

_SAME_AS = text("""
    UPDATE pupils SET same_as = new.same_as FROM unnest(CAST(:ids AS uuid[]), CAST(:children AS uuid[])) AS new (id, same_as)
    WHERE pupils.id = new.id AND pupils.same_as IS DISTINCT FROM new.same_as
""")
_MERGED = text("""
    SELECT id, same_as FROM pupils WHERE same_as IS NOT NULL AND (
        same_as = ANY(CAST(:ids AS uuid[]))
        OR same_as IN (SELECT same_as FROM pupils WHERE same_as IS NOT NULL AND id = ANY(CAST(:ids AS uuid[])))
    )
""")
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


async def merged_records(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the records of the children of whom these are records, each with the one under which the child is judged, and without that one."""
    return {row.id: row.same_as for row in await tx.execute(_MERGED, {"ids": list(ids)})}


async def store_same_as(tx: Transaction, children: Mapping[UUID, UUID | None]) -> None:
    """Store of which child each of these records is another one; None: it is a child's only one."""
    if children:
        await tx.execute(_SAME_AS, {"ids": list(children), "children": list(children.values())})


async def present_upn(tx: Transaction, pupil_id: UUID) -> str | None:
    """Return the UPN that a pupil has now; None until a roll has arrived."""
    found: str | None = (await tx.execute(select(pupils.c.upn).where(pupils.c.id == pupil_id))).scalar()
    return found
