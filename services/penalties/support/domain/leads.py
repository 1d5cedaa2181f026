"""The lead professional of a case: one person to whom the family and everybody who supports it turns."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.penalties.case_file.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Lead:
    """Who leads from a day on, until the next one does. Leads are only ever added."""

    id: UUID
    case_id: UUID
    name: str
    office: str
    since: date
    recorded_by: str
    recorded_by_role: str
    recorded_by_subject: str
    recorded_at: datetime


def lead_refusals(since: date, today: date) -> Iterable[Refusal]:
    """Yield what stands in the way of recording a lead professional."""
    if since > today:
        yield Refusal("lead-in-future", "The day is still to come: record it once this person leads.")
