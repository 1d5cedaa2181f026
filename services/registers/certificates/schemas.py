"""The data of an attendance certificate."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.registers.fields import plausible
from shared.attendance.register_codes import Category
from shared.attendance.sessions import Half

Instant = Annotated[datetime, AfterValidator(plausible)]


class CertifiedSession(BaseModel):
    """A session and its mark, as it stood at the instant of the certificate."""

    model_config = ConfigDict(from_attributes=True)

    date: date
    session: Half
    code: str
    version: int
    recorded_at: datetime


class FlaggedSession(CertifiedSession):
    """A mark outside the school's sessions or the pupil's roll as they now stand: in none of the numbers."""

    category: Category


class OnRoll(BaseModel):
    """One stay on the school's roll: first and last day."""

    admitted_on: date
    left_on: date | None


class Percentages(BaseModel):
    """Shares of the possible sessions in per cent, to two places; null where no session was possible."""

    attended: float | None
    authorised: float | None
    unauthorised: float | None


class CertificateOut(BaseModel):
    """What the head teacher of a school can certify about a pupil's attendance in a period (Education Act 1996 s.566)."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    upn: str
    pupil_id: str
    urn: int
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    as_at: datetime
    """Marks are as they stood at this instant; roll, calendar and age are as they now stand."""
    rolls: list[OnRoll]
    compulsory_from: date
    compulsory_to: date
    possible: int
    attended: int
    authorised: int
    unauthorised: int
    not_possible: int
    codes: dict[str, int]
    percentages: Percentages
    unauthorised_sessions: list[CertifiedSession]
    flagged: list[FlaggedSession]
    unmarked: int | None
    """Sessions held while the pupil was on the roll that had no mark at that instant; null where a calendar is missing."""
