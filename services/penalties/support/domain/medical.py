"""Medical evidence: once received, somebody records whether the marks of its days were changed, before a referral relies on them."""

from collections.abc import Collection, Iterable
from datetime import date

from services.penalties.case_file.domain.refusals import Refusal
from services.penalties.support.domain.completeness import LoggedEntry, awaits_review
from shared.attendance.dates import long_date


def review_refusals(log: Iterable[LoggedEntry], relied_on: Collection[date]) -> Iterable[Refusal]:
    """Yield what stands in the way of a referral that relies on these days: evidence about one of them whose review is missing."""
    for entry in log:
        if awaits_review(entry) and any(map(entry.content.is_about, relied_on)):
            text = (
                f"Medical evidence was received on {long_date(entry.steps[-1].taken_on)}, and it is not recorded whether the marks of its days"
                f" were changed. Whoever wrote its entry in the support log{f' for school {entry.urn}' if entry.urn else ''} records that first."
            )
            yield Refusal("medical-evidence-not-reviewed", text)
