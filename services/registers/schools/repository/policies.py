"""Attendance policies of schools."""

from datetime import date

from services.registers.schools.domain.schools import Policy
from services.registers.schools.repository.schools import reader
from services.registers.tables.schools import attendance_policies
from shared import clock
from shared.database import Transaction
from shared.database.rows import columns_of, fetch_all, fetch_one, select_columns, upsert

_POLICY = select_columns(attendance_policies, Policy).order_by(attendance_policies.c.since.desc())
_policy = reader(Policy)


async def policies(tx: Transaction, urn: int) -> list[Policy]:
    """Return every policy of a school, the newest first."""
    return await fetch_all(tx, _POLICY.where(attendance_policies.c.urn == urn), _policy)


async def policy_on(tx: Transaction, urn: int, day: date) -> Policy | None:
    """Return the policy that a school had on a day."""
    query = _POLICY.where(attendance_policies.c.urn == urn, attendance_policies.c.since <= day).limit(1)
    return await fetch_one(tx, query, _policy)


async def store_policy(tx: Transaction, urn: int, policy: Policy, by: str) -> None:
    """Store a policy in place of that of the same day."""
    await upsert(tx, attendance_policies, columns_of(policy) | {"urn": urn, "stored_by": by, "stored_at": clock.now()})
