"""Sessions relied on that can no longer be the pupil's, because a roll or a calendar changed, or records were separated."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.thresholds.domain.facts import SchoolYears
from services.thresholds.domain.pupils import LostMarks, Pupil, changes_by_loss, changes_by_separation, lost_marks
from services.thresholds.domain.reliance import MarkChange
from services.thresholds.use_cases.judging import schools_of
from shared.database import Transaction


async def lost(tx: Transaction, pupils: Sequence[Pupil], other_years: SchoolYears | None = None) -> LostMarks:
    """Return the marks relied on whose session cannot be the pupil's; `other_years` count in place of the stored school years."""
    relied_on = [pupil for pupil in pupils if pupil.reliances]
    # Nothing relies on the marks of nearly every pupil.
    return lost_marks(relied_on, {**(await schools_of(tx, relied_on)).years, **(other_years or {})}) if relied_on else {}


async def newly_lost(
    tx: Transaction, pupils: Sequence[Pupil], lost_before: LostMarks, children_before: Sequence[Pupil] = ()
) -> Mapping[UUID, Sequence[MarkChange]]:
    """Return, by pupil, the sessions that were not lost before and are now.

    `children_before`: the children as they were, where records may have been separated.
    """
    now = await lost(tx, pupils)
    found: dict[UUID, Sequence[MarkChange]] = {}
    for pupil in pupils:
        changes = changes_by_loss(pupil, now, lost_before)
        keys = {(change.session, change.urn) for change in changes}
        separated = changes_by_separation(pupil, children_before)
        found[pupil.id] = [*changes, *(each for each in separated if (each.session, each.urn) not in keys)]
    return found
