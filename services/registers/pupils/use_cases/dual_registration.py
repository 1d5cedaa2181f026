"""Where a child is on two rolls at once: at two schools, or on two records at one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.registers.marks.domain import rolls
from services.registers.marks.domain.rolls import Overlap, Spell
from services.registers.marks.use_cases.publishing import republish_marks
from services.registers.pupils.repository import pupils, same_child
from shared.database import Transaction

Shares = Mapping[UUID, Sequence[Overlap]]


async def shares(tx: Transaction, pupil_ids: Collection[UUID]) -> tuple[Shares, set[int]]:
    """Return, for these records and every other of the same children, where the child is on another roll too; and all their schools."""
    others = await same_child.others(tx, pupil_ids)
    spells = {record: as_spells(rows) for record, rows in (await pupils.rolls_of(tx, others)).items()}
    found = {record: rolls.overlaps(own, [spell for other in others[record] for spell in spells[other]]) for record, own in spells.items()}
    return found, {spell.urn for each in spells.values() for spell in each}


async def share_anew(tx: Transaction, before: Shares, now: Shares) -> None:
    """Note where schools share a child now; where that is news, say the marks within again. The schools are held."""
    if any(before.values()) or any(now.values()):
        await pupils.set_shared(tx, now)
    for record, stretches in now.items():
        known = before.get(record, ())
        if not all(each.within(known) for each in stretches):
            await republish_marks(tx, record, stretches)


def as_spells(rows: Sequence[Row[Any]]) -> list[Spell]:
    """Return the spells of stored rows."""
    return [Spell(row.urn, row.admitted_on, row.left_on) for row in rows]
