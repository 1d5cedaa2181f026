"""Leave that was granted, and the marks that a person confirmed although it was."""

from collections.abc import Collection, Sequence
from datetime import date, time
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import insert, select, text

from services.registers.marks.domain.granted_leave import Confirmation, GrantedLeave, PupilSession
from services.registers.marks.domain.patterns import Pattern, PatternDay, Weekday
from services.registers.marks.domain.registers import Receipt
from services.registers.tables.leave import leave_requests
from services.registers.tables.marks import confirmed_marks
from shared import clock
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.database.rows import fetch_all

_CONFIRMED = text("""
    SELECT DISTINCT ON (date, session, pupil_id) date, session, pupil_id, version, confirmed_at FROM confirmed_marks
    WHERE urn = :urn AND pupil_id = ANY(CAST(:pupils AS uuid[])) AND date BETWEEN :first AND :last
    ORDER BY date, session, pupil_id, confirmed_at DESC
""")


StoredDay = TypedDict("StoredDay", {"weekday": Weekday, "sessions": list[Half], "from": str | None, "to": str | None})
"""A day of every week as it is stored, its times as HH:MM."""


async def granted_leave(tx: Transaction, urn: int, first: date = date.min, last: date = date.max) -> list[GrantedLeave]:
    """Return the leave that a school granted for days of a period."""
    leave = leave_requests.c
    query = select(leave.pupil_id, leave.starts_on, leave.ends_on, leave.decided_at, leave.granted_pattern)
    query = query.where(leave.urn == urn, leave.state == "granted", leave.starts_on <= last, leave.ends_on >= first)
    return await fetch_all(tx, query, _granted)


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


def pattern_of(stored: Sequence[StoredDay] | None) -> Pattern:
    """Return a pattern as it is stored; empty where leave is for every session."""
    return tuple(
        PatternDay(
            each["weekday"],
            tuple(each["sessions"]),
            time.fromisoformat(each["from"]) if each["from"] else None,
            time.fromisoformat(each["to"]) if each["to"] else None,
        )
        for each in stored or ()
    )


def stored_pattern(pattern: Pattern) -> list[StoredDay] | None:
    """Return a pattern as it is to be stored; None where leave is for every session."""
    return [
        {
            "weekday": each.weekday,
            "sessions": list(each.sessions),
            "from": each.start.isoformat("minutes") if each.start else None,
            "to": each.end.isoformat("minutes") if each.end else None,
        }
        for each in pattern
    ] or None


def _granted(*, granted_pattern: Sequence[StoredDay] | None, **columns: Any) -> GrantedLeave:
    return GrantedLeave(**columns, pattern=pattern_of(granted_pattern))
