"""Referrals, as they were sent."""

from uuid import UUID

from sqlalchemy import insert, select

from services.penalties.referrals.domain import Referral
from services.penalties.tables import row_of, values_of
from services.penalties.tables.referrals import referrals
from shared.database import Transaction
from shared.database.rows import fetch_all


async def referrals_of(tx: Transaction, case_id: UUID) -> list[Referral]:
    """Return the referrals of a case, oldest first."""
    return await fetch_all(tx, select(referrals).where(referrals.c.case_id == case_id).order_by(referrals.c.id), row_of(Referral))


async def add_referral(tx: Transaction, referral: Referral) -> None:
    """Store a referral."""
    await tx.execute(insert(referrals).values(values_of(referrals, referral)))
