"""When a posted or delivered letter counts as received."""

from dataclasses import dataclass
from datetime import date

from shared.attendance.law import NATIONAL
from shared.attendance.working_days import add_working_days
from shared.law.findings import Finding
from shared.law.parameters import Law

PARAMETERS = {"first-class-post": "receipt_by_first_class_post", "hand": "receipt_by_hand", "email": "receipt_by_email"}


@dataclass(frozen=True, slots=True)
class DeemedReceipt:
    """The day on which a letter counts as received, and why."""

    received_on: date
    finding: Finding


def deemed_receipt(posted_on: date, method: str, law: Law = NATIONAL) -> DeemedReceipt:
    """Return when a letter sent on `posted_on` by `first-class-post`, `hand` or `email` counts as received.

    First-class post: the second working day after posting; by hand and by e-mail: that day. This is policy, in the spirit of
    Interpretation Act 1978 s.7; a later receipt that is proven replaces it. Never earlier than posting.
    """
    if method not in PARAMETERS:
        raise ValueError(f"no rule of receipt for {method}")
    provision = law.at(PARAMETERS[method], posted_on)
    received_on = add_working_days(posted_on, provision.value)
    return DeemedReceipt(received_on, provision.finding("received", posted_on=posted_on, method=method, received_on=received_on))
