"""Where a child is on two rolls at once: at two schools, or on two records at one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.registers.marks.domain.rolls import Overlap, overlaps
from services.registers.marks.use_cases.republishing import republish_marks
from services.registers.pupils.repository import rolls, same_child
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class Overlaps:
    """The overlaps of the rolls of each of several records, and every school that has one of them."""

    of: Mapping[UUID, Sequence[Overlap]]
    urns: frozenset[int]


async def read_overlaps(tx: Transaction, pupil_ids: Collection[UUID]) -> Overlaps:
    """Return, for these records and every other of the same children, where the child is on another roll too."""
    others = await same_child.other_records(tx, pupil_ids)
    spells = {record: [row.spell for row in rows] for record, rows in (await rolls.rolls_of(tx, others)).items()}
    found = {record: overlaps(own, [spell for other in others[record] for spell in spells[other]]) for record, own in spells.items()}
    return Overlaps(found, frozenset(spell.urn for each in spells.values() for spell in each))


async def renew_overlaps(tx: Transaction, pupil_ids: Collection[UUID], before: Overlaps) -> None:
    """Note where rolls overlap now; publish the marks within again where they did not before. The schools are locked."""
    now = await read_overlaps(tx, pupil_ids)
    if any(before.of.values()) or any(now.of.values()):
        await rolls.set_overlaps(tx, now.of)
    for record, periods in now.of.items():
        if not all(each.within(before.of.get(record, ())) for each in periods):
            await republish_marks(tx, record, periods)
