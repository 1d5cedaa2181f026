"""Whose a UPN is, or was."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, select, text, union_all

from services.thresholds.tables import former_upns, pupils
from shared.database import Transaction

_CLEAR = text("DELETE FROM former_upns WHERE pupil_id = ANY(CAST(:ids AS uuid[]))")
_STORE = text("""
    INSERT INTO former_upns (upn, pupil_id) SELECT * FROM unnest(CAST(:upns AS text[]), CAST(:ids AS uuid[])) ON CONFLICT DO NOTHING
""")


def known_as(upn: str) -> CompoundSelect[Any]:
    """Return the query for the ids of the pupils who have this UPN (`present`) or had it."""
    present = select(pupils.c.id, text("true AS present")).where(pupils.c.upn == upn)
    return union_all(present, select(former_upns.c.pupil_id, text("false")).where(former_upns.c.upn == upn))


async def pupil_of(tx: Transaction, upn: str) -> UUID | None:
    """Return the pupil who has this UPN, or else had it; of several (a number that was corrected) the one last made known."""
    found: UUID | None = (await tx.execute(known_as(upn).order_by(text("present DESC, id DESC")).limit(1))).scalar()
    return found


async def present_upn(tx: Transaction, pupil_id: UUID) -> str | None:
    """Return the UPN that a pupil has now; None while no roll was heard of."""
    found: str | None = (await tx.execute(select(pupils.c.upn).where(pupils.c.id == pupil_id))).scalar()
    return found


async def store_former_upns(tx: Transaction, former: Mapping[UUID, Sequence[str]]) -> None:
    """Store the UPNs that pupils had, in place of what was known of them."""
    if not former:
        return
    await tx.execute(_CLEAR, {"ids": list(former)})
    rows = [(upn, pupil_id) for pupil_id, upns in former.items() for upn in upns]
    if rows:
        await tx.execute(_STORE, {"upns": [upn for upn, _ in rows], "ids": [pupil_id for _, pupil_id in rows]})
