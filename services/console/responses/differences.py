"""Pupils whom schools record differently, from registers."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.console.responses.schools import Named
from services.console.responses.values import ServiceResponse


class Details(Named):
    """Names and date of birth."""

    date_of_birth: date


class SchoolRecord(Details):
    """A pupil as one school records them."""

    urn: int
    school: str
    admitted_on: date
    left_on: date | None
    claim: Literal["accepted", "waiting", "confirmed", "refused"]
    recorded_at: datetime


class DifferenceDecision(ServiceResponse):
    """What an officer decided before."""

    urn: int
    reason: str
    decided_at: datetime
    decided_by: str


class DifferenceConfirmation(ServiceResponse):
    """What an officer of one authority decided, until an officer of each other one decides alike."""

    urn: int
    la_code: str
    reason: str
    confirmed_at: datetime
    confirmed_by: str


class Difference(ServiceResponse):
    """A pupil whom schools record differently."""

    id: UUID
    upn: str
    status: Literal["open", "decided", "agreed"]
    opened_at: datetime
    differing: list[str]
    counts: Details
    confirmed: bool
    majority: Details | None
    schools: list[SchoolRecord]
    decisions: list[DifferenceDecision]
    confirmations: list[DifferenceConfirmation]
    awaits: list[str]


class Claim(Details):
    """A school's claim to a pupil, in the words that the school reads."""

    upn: str
    claim: Literal["waiting", "refused"]
    explanation: str


class Claims(ServiceResponse):
    """A school's claims that no officer has confirmed."""

    items: list[Claim]
