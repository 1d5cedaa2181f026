"""Holds, read."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.penalties.case_file.domain.holds import Hold, MarkChange, ReturnedLetter
from services.penalties.projections.repository import records_of
from services.penalties.tables.cases import cases, holds
from shared.database import Transaction
from shared.database.rows import fetch_all


async def holds_of(tx: Transaction, case_id: UUID) -> list[Hold]:
    """Return every hold of a case, cleared or not, oldest first."""
    return await fetch_all(tx, select(holds).where(holds.c.case_id == case_id).order_by(holds.c.id), _hold)


async def mark_changes(tx: Transaction, pupil_id: UUID) -> list[MarkChange]:
    """Return which marks changed under a notice, in any case of a child, oldest first."""
    mine = select(holds.c.change).join_from(holds, cases, holds.c.case_id == cases.c.id)
    mine = mine.where(cases.c.pupil_id.in_(records_of(pupil_id)), holds.c.cause == "mark-changed").order_by(holds.c.id)
    return await fetch_all(tx, mine, _mark_change)


def _hold(*, change: dict[str, Any], **columns: Any) -> Hold:
    read = _mark_change if columns["cause"] == "mark-changed" else _returned_letter
    return Hold(change=read(change), **columns)


def _mark_change(change: dict[str, Any]) -> MarkChange:
    return MarkChange(**{**change, "date": date.fromisoformat(change["date"])})


def _returned_letter(change: dict[str, Any]) -> ReturnedLetter:
    proof_id = change["proof_id"]
    return ReturnedLetter(UUID(change["letter_id"]), date.fromisoformat(change["returned_on"]), proof_id and UUID(proof_id))
