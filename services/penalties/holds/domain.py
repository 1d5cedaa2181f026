"""What stops a notice until an officer clears it: a changed mark, a returned letter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.refusals import Refusal, Refusals

Cause = Literal["mark-changed", "letter-returned"]


@dataclass(frozen=True, slots=True)
class Hold:
    """One thing that stops a notice. `returned_on`: when its letter came back; `served_again`: whether there is another proof since."""

    id: UUID
    about: UUID
    cause: Cause
    returned_on: date | None = None
    served_again: bool = False


def clearance_refusals(holds: Iterable[Hold]) -> Refusals:
    """Return what keeps an officer from clearing these.

    A letter that came back rebuts the presumption of receipt (Interpretation Act 1978 s.7): the notice must be served again first, or withdrawn.
    """
    holds = tuple(holds)
    if not holds:
        return (Refusal("nothing-held", "Nothing awaits a clearance here."),)
    return tuple(
        Refusal("served-again", f"The letter came back on {hold.returned_on}: the notice has to be served again, or withdrawn.")
        for hold in holds
        if hold.cause == "letter-returned" and hold.returned_on and not hold.served_again
    )
