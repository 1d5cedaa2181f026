"""Whose a UPN is, or was, and which records are of one child."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, select, text, union_all

from services.thresholds.tables import former_upns, pupils
from shared.database import Transaction

_SAME_AS = text("""
    UPDATE pupils SET same_as = new.same_as FROM unnest(CAST(:ids AS uuid[]), CAST(:children AS uuid[])) AS new (id, same_as)
    WHERE pupils.id = new.id AND pupils.same_as IS DISTINCT FROM new.same_as
""")
_ABSORBED = text("""
    SELECT id, same_as FROM pupils WHERE same_as IS NOT NULL AND (
        same_as = ANY(CAST(:ids AS uuid[]))
        OR same_as IN (SELECT same_as FROM pupils WHERE same_as IS NOT NULL AND id = ANY(CAST(:ids AS uuid[])))
    )
""")


def known_as(upn: str) -> CompoundSelect[Any]:
    """Return the query for the ids of the pupils who have this UPN (`present`) or had it."""
    present = select(pupils.c.id, text("true AS present")).where(pupils.c.upn == upn)
    return union_all(present, select(former_upns.c.pupil_id, text("false")).where(former_upns.c.upn == upn))


async def pupil_of(tx: Transaction, upn: str) -> UUID | None:
    """Return the pupil who has this UPN, or else had it; of several (a number that was corrected) the one last made known.

    Of a child with several records it is the one under which the child is judged.
    """
    found: UUID | None = (await tx.execute(known_as(upn).order_by(text("present DESC, id DESC")).limit(1))).scalar()
    return (await absorbed(tx, [found])).get(found, found) if found else None


async def absorbed(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return, of the children of whom these are records, every record but the one under which each is judged: whose record it is."""
    return {row.id: row.same_as for row in await tx.execute(_ABSORBED, {"ids": list(ids)})}


async def records_of(tx: Transaction, child: UUID) -> list[UUID]:
    """Return every record of a child."""
    return [child, *await absorbed(tx, [child])]


async def store_same_as(tx: Transaction, children: Mapping[UUID, UUID | None]) -> None:
    """Store of which child each of these records is another one; None: of its own."""
    if children:
        await tx.execute(_SAME_AS, {"ids": list(children), "children": list(children.values())})


async def present_upn(tx: Transaction, pupil_id: UUID) -> str | None:
    """Return the UPN that a pupil has now; None while no roll was heard of."""
    found: str | None = (await tx.execute(select(pupils.c.upn).where(pupils.c.id == pupil_id))).scalar()
    return found
