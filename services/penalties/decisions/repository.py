"""Decisions and agreements, written: only ever added."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert

from services.penalties.tables.cases import agreements, decisions
from shared.database import Transaction


async def insert_decision(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Add a decision."""
    await tx.execute(insert(decisions).values(**values))


async def insert_agreement(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Add the authority's answer."""
    await tx.execute(insert(agreements).values(**values))
