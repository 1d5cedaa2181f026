"""Attendance policies of schools."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.registers.schools.domain.schools import Policy
from services.registers.schools.repository.schools import contact
from services.registers.tables.schools import attendance_policies
from shared import clock
from shared.database import Transaction
from shared.database.rows import fetch_all, fetch_one

_NAMES = ("since", "senior_attendance_champion", "day_to_day_contact", "legal_consequences_wording")
_POLICY = select(*(attendance_policies.c[name] for name in _NAMES)).order_by(attendance_policies.c.since.desc())


async def policies(tx: Transaction, urn: int) -> list[Policy]:
    """Return every policy of a school, the newest first."""
    return await fetch_all(tx, _POLICY.where(attendance_policies.c.urn == urn), _policy)


async def policy_on(tx: Transaction, urn: int, day: date) -> Policy | None:
    """Return the policy that a school had on a day."""
    query = _POLICY.where(attendance_policies.c.urn == urn, attendance_policies.c.since <= day).limit(1)
    return await fetch_one(tx, query, _policy)


async def store_policy(tx: Transaction, urn: int, policy: Policy, by: str) -> None:
    """Store a policy in place of that of the same day."""
    values = {name: getattr(policy, name) for name in _NAMES} | {"stored_by": by, "stored_at": clock.now()}
    await tx.execute(
        insert(attendance_policies).values(urn=urn, **values).on_conflict_do_update(index_elements=["urn", "since"], set_=values)
    )


def _policy(*, senior_attendance_champion: Mapping[str, Any] | str, day_to_day_contact: Mapping[str, Any] | str, **columns: Any) -> Policy:
    return Policy(senior_attendance_champion=contact(senior_attendance_champion), day_to_day_contact=contact(day_to_day_contact), **columns)
