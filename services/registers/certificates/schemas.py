"""The data of an attendance certificate."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, AliasPath, BeforeValidator, Field

from services.registers.fields import Answer, plausible
from shared.attendance.register_codes import Category
from shared.attendance.sessions import Half

Instant = Annotated[datetime, AfterValidator(plausible)]


class CertifiedSession(Answer):
    """A session and its mark, as it stood at the instant of the certificate."""

    date: date
    session: Half
    code: str
    version: int
    recorded_at: datetime


class FlaggedSession(CertifiedSession):
    """A mark outside the school's sessions or the pupil's roll as they now stand: in none of the numbers."""

    category: Category


class OnRoll(Answer):
    """One stay on the school's roll: first and last day."""

    admitted_on: date
    left_on: date | None


class Percentages(Answer):
    """Shares of the possible sessions in per cent, to two places; null where no session was possible."""

    attended: float | None
    authorised: float | None
    unauthorised: float | None


class CertificateOut(Answer):
    """What the head teacher of a school can certify about a pupil's attendance in a period (Education Act 1996 s.566)."""

    upn: str
    pupil_id: Annotated[str, BeforeValidator(str)]
    urn: int
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    as_at: datetime
    """Marks are as they stood at this instant; roll, calendar and age are as they now stand."""
    rolls: list[OnRoll]
    compulsory_from: date
    compulsory_to: date
    possible: Annotated[int, Field(validation_alias=AliasPath("tally", "possible"))]
    attended: Annotated[int, Field(validation_alias=AliasPath("tally", "attended"))]
    authorised: Annotated[int, Field(validation_alias=AliasPath("tally", "authorised"))]
    unauthorised: Annotated[int, Field(validation_alias=AliasPath("tally", "unauthorised"))]
    not_possible: Annotated[int, Field(validation_alias=AliasPath("tally", "not_possible"))]
    codes: Annotated[dict[str, int], Field(validation_alias=AliasPath("tally", "codes"))]
    percentages: Annotated[Percentages, Field(validation_alias=AliasPath("tally", "percentages"))]
    unauthorised_sessions: list[CertifiedSession]
    flagged: list[FlaggedSession]
    unmarked: int | None
    """Sessions held while the pupil was on the roll that had no mark at that instant; null where a calendar is missing."""
