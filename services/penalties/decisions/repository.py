"""Decisions and agreements, written: only ever added."""

from sqlalchemy import insert

from services.penalties.case_file.domain.facts import Agreement, Decision
from services.penalties.tables import values_of
from services.penalties.tables.cases import agreements, decisions
from shared.database import Transaction


async def add_decision(tx: Transaction, decision: Decision) -> None:
    """Store a decision."""
    await tx.execute(insert(decisions).values(values_of(decisions, decision)))


async def add_agreement(tx: Transaction, agreement: Agreement) -> None:
    """Store the authority's answer."""
    await tx.execute(insert(agreements).values(values_of(agreements, agreement)))
