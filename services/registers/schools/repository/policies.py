"""Attendance policies of schools."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from services.registers.tables.schools import attendance_policies
from shared import clock
from shared.database import Transaction


async def policies(tx: Transaction, urn: int) -> Sequence[Row[Any]]:
    """Return every policy of a school, the newest first."""
    query = select(attendance_policies).where(attendance_policies.c.urn == urn)
    return (await tx.execute(query.order_by(attendance_policies.c.since.desc()))).all()


async def policy_on(tx: Transaction, urn: int, day: date) -> Row[Any] | None:
    """Return the policy that a school had on a day."""
    query = select(attendance_policies).where(attendance_policies.c.urn == urn, attendance_policies.c.since <= day)
    return (await tx.execute(query.order_by(attendance_policies.c.since.desc()).limit(1))).first()


async def store_policy(tx: Transaction, urn: int, since: date, values: Mapping[str, Any], by: str) -> None:
    """Store a policy in place of what was said for the same day."""
    stored = {**values, "stored_by": by, "stored_at": clock.now()}
    query = insert(attendance_policies).values(urn=urn, since=since, **stored)
    await tx.execute(query.on_conflict_do_update(index_elements=["urn", "since"], set_=stored))
