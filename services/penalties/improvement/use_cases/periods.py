"""Serve a Notice to Improve, and keep its period right."""

from datetime import date
from typing import Any
from uuid import UUID

from services.penalties.case_file.domain.facts import RUNNING
from services.penalties.case_file.repository.cases import case_row
from services.penalties.case_file.repository.notices import improvement_notice_row, improvement_notice_rows
from services.penalties.improvement.domain import Calendar, CalendarMissing, improvement_period, move_improvement_notice
from services.penalties.improvement.repository import running_improvement_cases, update_improvement_notice
from services.penalties.law import law_of
from services.penalties.projections.repository import calendar_rows
from services.penalties.serving.domain import later, receipt_finding
from shared import clock
from shared.contracts.notifications import NoticeServed
from shared.database import Transaction


async def load_calendar(tx: Transaction, urn: int) -> Calendar:
    """Return the days on which a school is open, of every school year that its calendars cover."""
    rows = await calendar_rows(tx, urn)
    days = frozenset(date.fromisoformat(day) for row in rows for day in row.open_days)
    return Calendar(urn, frozenset(row.year for row in rows), days)


async def serve_improvement_notice(tx: Transaction, event: NoticeServed) -> None:
    """Store when a Notice to Improve was served and what period that gives; another notice is none of its business."""
    notice = await improvement_notice_row(tx, event.notice_id)
    if notice is None:
        return
    await case_row(tx, notice.case_id, lock=True)
    notice = await improvement_notice_row(tx, event.notice_id, lock=True)
    if notice is None or notice.served_revision >= event.revision:
        return
    values: dict[str, Any] = {
        "method": event.method,
        "posted_on": event.posted_on,
        "served_on": event.received_on,
        "proof_id": event.proof_id,
        "served_revision": event.revision,
    }
    if notice.status == "issued":
        values["status"] = move_improvement_notice(notice.status, "served")
    await update_improvement_notice(tx, notice.id, **values)
    await update_periods(tx, notice.case_id, served=notice.id)


async def update_periods(tx: Transaction, case_id: UUID, *, served: UUID | None = None) -> None:
    """Work out the periods of a case's served notices by the calendars as they now stand: those not over, and the one just served.

    What was printed is lengthened, never shortened. Without a calendar that covers the weeks a period stays open until it comes.
    """
    today = clock.today()
    for notice in await improvement_notice_rows(tx, case_id):
        over = notice.ends_on is not None and notice.ends_on < today and notice.id != served
        if notice.status != "served" or over:
            continue
        try:
            calendar = await load_calendar(tx, notice.calendar_urn)
            period = improvement_period(law_of(notice.la_code), notice.served_on, calendar)
        except CalendarMissing:
            continue
        await update_improvement_notice(
            tx,
            notice.id,
            starts_on=later(notice.planned_starts_on, period.starts_on),
            ends_on=later(notice.planned_ends_on, notice.ends_on, period.ends_on),
            service_findings=[
                receipt_finding(notice.posted_on, notice.method, notice.served_on).as_json(),
                period.finding.as_json(),
            ],
        )
    await align_ends(tx, case_id, today)


async def align_ends(tx: Transaction, case_id: UUID, today: date) -> None:
    """Give all served notices of a case whose period is not over the latest end that any of them has or prints."""
    running = [n for n in await improvement_notice_rows(tx, case_id) if n.status in RUNNING]
    current = [n for n in running if n.ends_on is None or n.ends_on >= today]
    latest = later(*(n.ends_on or n.planned_ends_on for n in current))
    for notice in current:
        if notice.ends_on is not None and notice.ends_on != latest:
            await update_improvement_notice(tx, notice.id, ends_on=latest)


async def update_periods_of_school(tx: Transaction, urn: int) -> None:
    """Settle the periods that a school's calendar sets, after it changed."""
    for case_id, _ in await running_improvement_cases(tx, urn, clock.today()):
        await case_row(tx, case_id, lock=True)
        await update_periods(tx, case_id)
