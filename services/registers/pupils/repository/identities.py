"""UPNs over time."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.registers.tables.pupils import pupils, upn_changes, upns
from shared import clock
from shared.database import Transaction
from shared.database.rows import fetch_all, select_columns
from shared.ids import new_id

_FORMER = text("""
    SELECT upns.pupil_id, array_agg(upns.upn ORDER BY upns.upn) AS former
    FROM upns JOIN pupils ON pupils.id = upns.pupil_id
    WHERE upns.pupil_id = ANY(CAST(:ids AS uuid[])) AND upns.upn <> pupils.upn GROUP BY upns.pupil_id
""")


@dataclass(frozen=True, slots=True)
class UpnChange:
    """Another UPN of a pupil, why, when and by whom."""

    was: str
    became: str
    reason: str
    changed_at: datetime
    changed_by: str


async def take_upn(tx: Transaction, upn: str, pupil_id: UUID) -> UUID:
    """Let a UPN be a pupil's where it is nobody's; return whose it is."""
    await tx.execute(upsert(upns).values(upn=upn, pupil_id=pupil_id).on_conflict_do_nothing())
    found: UUID = (await tx.execute(select(upns.c.pupil_id).where(upns.c.upn == upn))).scalar_one()
    return found


async def change_upn(tx: Transaction, pupil_id: UUID, new_upn: str, by: str) -> None:
    """Store another UPN in place of what was."""
    values = {"upn": new_upn, "stored_by": by, "stored_at": clock.now()}
    await tx.execute(update(pupils).where(pupils.c.id == pupil_id).values(**values))


async def add_change(tx: Transaction, pupil_id: UUID, change: UpnChange, role: str) -> None:
    """Record that a pupil's UPN changed, by whom and why."""
    await tx.execute(insert(upn_changes).values(id=new_id(), pupil_id=pupil_id, **asdict(change), role=role))


async def changes_of(tx: Transaction, pupil_id: UUID) -> list[UpnChange]:
    """Return every change of a pupil's UPN, the first one first."""
    query = select_columns(upn_changes, UpnChange).where(upn_changes.c.pupil_id == pupil_id).order_by(upn_changes.c.id)
    return await fetch_all(tx, query, UpnChange)


async def upns_of(tx: Transaction, pupil_id: UUID) -> list[str]:
    """Return every UPN that a pupil has or had."""
    return list((await tx.execute(select(upns.c.upn).where(upns.c.pupil_id == pupil_id).order_by(upns.c.upn))).scalars())


async def former_upns(tx: Transaction, pupil_ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return the UPNs that these pupils had and no longer have; a pupil who never had another one is left out."""
    return {row.pupil_id: tuple(row.former) for row in await tx.execute(_FORMER, {"ids": list(pupil_ids)})}
