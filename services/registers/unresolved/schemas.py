"""N marks that await their reason."""

from dataclasses import fields
from datetime import date
from typing import Self
from uuid import UUID

from services.registers.fields import Answer
from services.registers.unresolved.use_cases import DueMark
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

    @classmethod
    def of(cls, found: DueMark) -> Self:
        """Return the answer about a mark."""
        mark = {field.name: getattr(found.mark, field.name) for field in fields(found.mark) if field.name != "la_code"}
        return cls(**mark, due_on=found.due_on, days_left=found.days_left, overdue=found.overdue)

    @property
    def key(self) -> str:
        """Where it stands in the list."""
        return f"{self.date}/{self.session}/{self.pupil_id}/{self.urn}"
