"""When an officer may clear what stopped a notice: a changed mark, a returned letter."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.penalties.case_file.domain.holds import Hold, ReturnedLetter
from services.penalties.case_file.domain.notices import ImprovementNotice, PenaltyNotice
from services.penalties.case_file.domain.refusals import Refusal, Refusals

ENDED = frozenset({"cancelled", "withdrawn"})
"""Statuses of a notice that nothing can stop any more."""


def clearance_refusals(holds: Sequence[Hold], notices: Mapping[UUID, ImprovementNotice | PenaltyNotice]) -> Refusals:
    """Return what keeps an officer from clearing these holds of `notices`, which are named by id.

    A letter that came back rebuts the presumption of receipt (Interpretation Act 1978 s.7): the notice must be served again first, or withdrawn.
    """
    if not holds:
        return (Refusal("nothing-held", "Nothing awaits a clearance here."),)
    letters = [
        hold.change
        for hold in holds
        if isinstance(hold.change, ReturnedLetter) and hold.about in notices and not _served_since(notices[hold.about], hold.change)
    ]
    return tuple(
        Refusal("served-again", f"The letter came back on {letter.returned_on}: the notice has to be served again, or withdrawn.")
        for letter in letters
    )


def _served_since(notice: ImprovementNotice | PenaltyNotice, letter: ReturnedLetter) -> bool:
    return notice.status in ENDED or notice.proof_id not in {None, letter.proof_id}
