"""Withdrawals, in and out."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.penalties.case_file.schemas import Shown, Text
from services.penalties.notices.domain.penalty_notices import Ground


class WithdrawalIn(BaseModel):
    """Why a notice is withdrawn: the ground that goes into the return to the Department, and the officer's own words."""

    ground: Ground
    reason: Text


class WithdrawalOut(Shown):
    """The withdrawn notice, and what is owed back to the parent."""

    id: UUID
    reference: str
    status: str
    ground: Ground
    withdrawn_on: date
    refund_due_pence: int
