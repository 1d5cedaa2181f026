"""Suspense, out."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.penalties.case_file.schemas import Shown


class SuspenseItem(Shown):
    """Something about money that a person must look into."""

    id: str
    kind: Literal["unknown", "unconfirmed", "part-payment", "overpaid", "withdrawn", "charged"] = Field(
        description="unknown: a payment that is none of ours; unconfirmed: the provider does not bear its message out; part-payment: kept, "
        "more is due; overpaid, withdrawn, charged: the amount is owed back, and why"
    )
    provider_payment_id: str | None
    notice_id: UUID | None
    amount_pence: int | None
    since: date
