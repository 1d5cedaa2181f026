"""Sessions relied on that are none of the pupil's any more, because a roll or a calendar changed."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.thresholds.domain.facts import SchoolYears
from services.thresholds.domain.pupils import Losses, Pupil, changes_by_loss, losses_of
from services.thresholds.domain.reliance import MarkChange
from services.thresholds.use_cases.judging import years_of
from shared.database import Transaction


async def lost(tx: Transaction, pupils: Sequence[Pupil], otherwise: SchoolYears | None = None) -> Losses:
    """Return what is lost of that on which something stands; `otherwise`: school years that are to be taken as other than stored."""
    resting = [pupil for pupil in pupils if pupil.reliances]
    # Nothing rests on the marks of nearly every pupil.
    return losses_of(resting, {**await years_of(tx, resting), **(otherwise or {})}) if resting else {}


async def newly_lost(tx: Transaction, pupils: Sequence[Pupil], before: Losses) -> Mapping[UUID, Sequence[MarkChange]]:
    """Return, by pupil, what was not lost before and is now."""
    now = await lost(tx, pupils)
    return {pupil.id: changes for pupil in pupils if (changes := changes_by_loss(pupil, now, before))}
