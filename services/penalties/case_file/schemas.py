"""Fields and shapes that several parts take and show."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.penalties.case_file.domain.sessions import OffencePeriod
from shared.attendance.sessions import Half

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000, pattern=r"^[^\x00]*$")]
"""What a person writes: a reason, an offer of support."""
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""One line: a name, a telephone number."""
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
Parents = Annotated[list[UUID], Field(min_length=1, max_length=20)]
Findings = list[dict[str, object]]


class Shown(BaseModel):
    """Something that is read from rows and rules as they are."""

    model_config = ConfigDict(from_attributes=True)


class SessionOut(Shown):
    """One session that counts: with the code and the version of the mark that was judged."""

    date: date
    session: Half
    code: str
    urn: int
    version: int


class SpanOut(Shown):
    """First and last day, both included."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    start: date = Field(alias="from")
    end: date = Field(alias="to")


class SpanIn(BaseModel):
    """First and last day of the offence, both included."""

    start: Day = Field(alias="from")
    end: Day = Field(alias="to")

    def period(self) -> OffencePeriod:
        """Return it as the rules take it."""
        return OffencePeriod(self.start, self.end)


class OffenceIn(SpanIn):
    """First and last day of the offence, both included."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("the offence period ends before it begins")
        return self
