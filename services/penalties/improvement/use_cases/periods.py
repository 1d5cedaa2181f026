"""Serve a Notice to Improve, and keep its period right."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.notices import ImprovementNotice
from services.penalties.case_file.repository.cases import find_case
from services.penalties.case_file.repository.notices import improvement_notices_of, save_notice
from services.penalties.case_file.use_cases.lock import lock_served_notice
from services.penalties.improvement.domain import Calendar, CalendarMissing, improvement_period, move_improvement_notice
from services.penalties.improvement.repository import cases_by_calendar, cases_judged_ahead, note_judged
from services.penalties.law import law_of
from services.penalties.projections.repository import calendars_of
from services.penalties.projections.use_cases import store_calendar
from services.penalties.serving.domain import later, receipt_finding
from shared import clock
from shared.contracts.notifications import NoticeServed
from shared.contracts.registers import CalendarChanged
from shared.database import Transaction
from shared.due_work import DueWork, in_one_transaction


async def load_calendar(tx: Transaction, urn: int) -> Calendar:
    """Return the days on which a school is open, of every school year that its calendars cover."""
    years = await calendars_of(tx, urn)
    return Calendar(urn, frozenset(each.year for each in years), frozenset(day for each in years for day in each.open_days))


async def serve_improvement_notice(tx: Transaction, event: NoticeServed) -> None:
    """Store when a Notice to Improve was served and what period that gives; another notice is none of its business."""
    notice = await lock_served_notice(tx, ImprovementNotice, event)
    if notice is None:
        return
    status = move_improvement_notice(notice.status, "served") if notice.status == "issued" else notice.status
    await save_notice(tx, replace(notice, status=status, served_on=event.received_on))
    await update_periods(tx, notice.case_id, served=notice.id)


async def update_periods(tx: Transaction, case_id: UUID, *, served: UUID | None = None) -> None:
    """Compute the periods of a case's served notices by the calendars as they now stand: those not over, and the one just served.

    What was printed is lengthened, never shortened. Without a calendar that covers the weeks a period stays open until it comes.
    """
    today = clock.today()
    await note_judged(tx, case_id, today)
    for notice in await improvement_notices_of(tx, case_id):
        over = notice.ends_on is not None and notice.ends_on < today and notice.id != served
        if notice.status != "served" or over or notice.proof is None:
            continue
        proof = notice.proof
        try:
            calendar = await load_calendar(tx, notice.calendar_urn)
            period = improvement_period(law_of(notice.la_code), proof.received_on, calendar)
        except CalendarMissing:
            continue
        receipt = receipt_finding(proof.posted_on, proof.method, proof.received_on)
        computed = replace(
            notice,
            starts_on=later(notice.planned_starts_on, period.starts_on),
            ends_on=later(notice.planned_ends_on, notice.ends_on, period.ends_on),
            serving_findings=(receipt.as_json(), period.finding.as_json()),
        )
        await save_notice(tx, computed)
    await align_ends(tx, case_id, today)


async def align_ends(tx: Transaction, case_id: UUID, today: date) -> None:
    """Give all served notices of a case whose period is not over the latest end that any of them has or prints."""
    running = [notice for notice in await improvement_notices_of(tx, case_id) if notice.running]
    current = [notice for notice in running if notice.ends_on is None or notice.ends_on >= today]
    ends_on = later(*(notice.ends_on or notice.planned_ends_on for notice in current))
    for notice in current:
        if notice.ends_on is not None and notice.ends_on != ends_on:
            await save_notice(tx, replace(notice, ends_on=ends_on))


async def follow_calendar(tx: Transaction, event: CalendarChanged) -> None:
    """Store a school's calendar; where that is news, compute the periods that it sets."""
    if not await store_calendar(tx, event):
        return
    for case_id in await cases_by_calendar(tx, event.school):
        await find_case(tx, case_id, lock=True)
        await update_periods(tx, case_id)


async def _find_ahead(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return [str(case_id) for case_id in await cases_judged_ahead(tx, job, clock.today(), limit)]


async def _judge_again(tx: Transaction, keys: Sequence[str]) -> int:
    for case_id in sorted(UUID(key) for key in keys):
        await find_case(tx, case_id, lock=True)
        await update_periods(tx, case_id)
    return len(keys)


judge_periods_again = DueWork("periods judged ahead", _find_ahead, in_one_transaction(_judge_again), batch=20)
"""Computes periods again that were judged by a day which lies ahead: they may have been taken for over, and are not."""
