"""Sessions relied on that are none of the pupil's any more, because a roll or a calendar changed, or records parted."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.thresholds.domain.facts import SchoolYears
from services.thresholds.domain.pupils import Losses, Pupil, changes_by_loss, changes_by_parting, losses_of
from services.thresholds.domain.reliance import MarkChange
from services.thresholds.use_cases.judging import schools_of
from shared.database import Transaction


async def lost(tx: Transaction, pupils: Sequence[Pupil], otherwise: SchoolYears | None = None) -> Losses:
    """Return what is lost of that on which something stands; `otherwise`: school years that are to be taken as other than stored."""
    resting = [pupil for pupil in pupils if pupil.reliances]
    # Nothing rests on the marks of nearly every pupil.
    return losses_of(resting, {**(await schools_of(tx, resting)).years, **(otherwise or {})}) if resting else {}


async def newly_lost(
    tx: Transaction, pupils: Sequence[Pupil], before: Losses, until_now: Sequence[Pupil] = ()
) -> Mapping[UUID, Sequence[MarkChange]]:
    """Return, by pupil, what was not lost before and is now; `until_now`: the children as they were, where records may have parted."""
    now = await lost(tx, pupils)
    found: dict[UUID, Sequence[MarkChange]] = {}
    for pupil in pupils:
        gone = changes_by_loss(pupil, now, before)
        said = {(change.session, change.urn) for change in gone}
        found[pupil.id] = [*gone, *(each for each in changes_by_parting(pupil, until_now) if (each.session, each.urn) not in said)]
    return found
