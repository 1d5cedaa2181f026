"""N marks that await their reason."""

from datetime import date
from uuid import UUID

from services.registers.fields import Answer
from shared.attendance.sessions import Half


class UnresolvedMark(Answer):
    """A mark whose reason is not established yet, and by when it must be."""

    pupil_id: UUID
    upn: str
    forename: str
    surname: str
    year_group: str | None
    urn: int
    school: str
    due_on: date | None
    """The last day; null where the school's days are not known that far."""
    date: date
    session: Half
    days_left: int | None
    """School days after today up to the last one: 0 on that day, negative once it has passed."""
    overdue: bool
