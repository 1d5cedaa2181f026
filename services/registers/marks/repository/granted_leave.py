"""Leave that was granted, and the marks that a person confirmed although it was."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import insert, select, text

from services.registers.marks.domain.granted_leave import Confirmation, GrantedLeave, PupilSession
from services.registers.marks.domain.registers import Receipt
from services.registers.tables.leave import leave_requests
from services.registers.tables.marks import confirmed_marks
from shared import clock
from shared.database import Transaction
from shared.database.rows import fetch_all

_CONFIRMED = text("""
    SELECT DISTINCT ON (date, session, pupil_id) date, session, pupil_id, version, confirmed_at FROM confirmed_marks
    WHERE urn = :urn AND pupil_id = ANY(CAST(:pupils AS uuid[])) AND date BETWEEN :first AND :last
    ORDER BY date, session, pupil_id, confirmed_at DESC
""")


async def granted_leave(tx: Transaction, urn: int, first: date = date.min, last: date = date.max) -> list[GrantedLeave]:
    """Return the leave that a school granted for days of a period."""
    leave = leave_requests.c
    query = select(leave.pupil_id, leave.starts_on, leave.ends_on, leave.decided_at)
    query = query.where(leave.urn == urn, leave.state == "granted", leave.starts_on <= last, leave.ends_on >= first)
    return await fetch_all(tx, query, GrantedLeave)


async def confirmations(
    tx: Transaction, urn: int, pupil_ids: Collection[UUID], first: date, last: date
) -> dict[PupilSession, Confirmation]:
    """Return the last word about each mark of these pupils in a period that was confirmed."""
    found = await tx.execute(_CONFIRMED, {"urn": urn, "pupils": list(pupil_ids), "first": first, "last": last})
    return {PupilSession(row.date, row.session, row.pupil_id): Confirmation(row.version, row.confirmed_at) for row in found}


async def confirm(tx: Transaction, urn: int, at: PupilSession, version: int, receipt: Receipt) -> None:
    """Store that a person confirmed a version of a mark, and why."""
    values = {**at._asdict(), "urn": urn, "version": version, "caller": receipt.caller, "confirmed_at": clock.now()}
    named = {"by_name": receipt.by_name, "by_title": receipt.by_title, "reason": receipt.reason}
    await tx.execute(insert(confirmed_marks).values(**values, **named))
