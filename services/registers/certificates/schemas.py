"""The data of an attendance certificate."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field

from services.registers.certificates.domain import percentage
from services.registers.certificates.use_cases import Certificate
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

    @classmethod
    def of(cls, certificate: Certificate) -> Self:
        """Return a certificate as the API shows it."""
        tally = certificate.tally
        return cls(
            upn=certificate.upn,
            pupil_id=str(certificate.pupil_id),
            urn=certificate.urn,
            start=certificate.start,
            end=certificate.end,
            as_at=certificate.as_at,
            rolls=[OnRoll.model_validate(each) for each in certificate.rolls],
            compulsory_from=certificate.compulsory_from,
            compulsory_to=certificate.compulsory_to,
            possible=tally.possible,
            attended=tally.attended,
            authorised=tally.authorised,
            unauthorised=tally.unauthorised,
            not_possible=tally.not_possible,
            codes=dict(sorted(tally.codes.items())),
            percentages=Percentages(
                attended=_per_cent(tally.attended, tally.possible),
                authorised=_per_cent(tally.authorised, tally.possible),
                unauthorised=_per_cent(tally.unauthorised, tally.possible),
            ),
            unauthorised_sessions=[CertifiedSession.model_validate(each) for each in certificate.unauthorised],
            flagged=[FlaggedSession.model_validate(each) for each in certificate.flagged],
            unmarked=certificate.unmarked,
        )


def _per_cent(part: int, total: int) -> float | None:
    share = percentage(part, total)
    return None if share is None else float(share)
