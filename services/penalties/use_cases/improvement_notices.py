"""Notices to Improve: issued, served, ended."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.penalties.domain import improvement
from services.penalties.domain.facts import Case, Session
from services.penalties.domain.service import receipt_finding
from services.penalties.repository import cases, notices, projections
from services.penalties.use_cases.access import may_reach_school, reach_of
from services.penalties.use_cases.closing import close_if_ended
from services.penalties.use_cases.decisions import named_parents
from services.penalties.use_cases.dossiers import improvement_notice_of, load_case
from services.penalties.use_cases.problems import ImprovementNoticeRefused, NoticeNotFound, OutcomeRefused, require
from services.penalties.use_cases.statutes import law_of
from shared import clock
from shared.attendance.deemed_receipt import deemed_receipt
from shared.contracts.event import RelianceSession
from shared.contracts.notifications import NoticeServed
from shared.contracts.penalties import ImprovementEnded, NoticeIssued
from shared.database import Transaction
from shared.http import CallerInfo
from shared.ids import new_id
from shared.messaging import publish, publish_many


async def issue_improvement_notices(
    tx: Transaction, caller: CallerInfo, case_id: UUID, parent_ids: Sequence[UUID], words: dict[str, Any]
) -> list[dict[str, Any]]:
    """Issue a Notice to Improve to each of these parents: all or none.

    `words`: support_offered, support_available, contact, expected_improvement, early_grounds. The dates planned for the letter suppose
    first-class post today; all running notices of the case print one end date, the latest.
    """
    person, today = caller.person(), clock.today()
    case = await load_case(tx, case_id, lock=True)
    parents = named_parents(case, parent_ids)
    require(improvement.issue_refusals(case, parents), ImprovementNoticeRefused)
    calendar = await _calendar(tx, await _calendar_school(tx, case, today))
    receipt = deemed_receipt(today, "first-class-post")
    period = improvement.improvement_period(law_of(case.la_code), receipt.received_on, calendar)
    running = [n for n in await notices.improvement_notice_rows(tx, case.id) if n.status in improvement.RUNNING]
    ends_on = improvement.later(period.ends_on, *(n.planned_ends_on for n in running), *(n.ends_on for n in running))
    sessions = [session.as_json() for session in case.sessions]
    findings = [*(await _threshold_findings(tx, case.id)), period.finding.as_json()]
    issued, events = [], []
    for parent_id in parents:
        stored = {
            "id": new_id(),
            "case_id": case.id,
            "pupil_id": case.pupil_id,
            "parent_id": parent_id,
            "urn": case.urn,
            "la_code": case.la_code,
            "calendar_urn": calendar.urn,
            "sessions": sessions,
            **words,
            "issued_on": today,
            "issued_at": clock.now(),
            "issued_by": person,
            "issued_by_role": caller.role,
            "planned_served_on": period.served_on,
            "planned_starts_on": period.starts_on,
            "planned_ends_on": ends_on,
            "status": "issued",
            "findings": findings,
        }
        await notices.insert_improvement_notice(tx, stored)
        issued.append(stored)
        events.append(
            NoticeIssued(
                notice_id=stored["id"],
                kind="notice-to-improve",
                case_id=case.id,
                pupil_id=case.pupil_id,
                parent_id=parent_id,
                urn=case.urn,
                la_code=case.la_code,
                sessions=tuple(RelianceSession.model_validate(session) for session in sessions),
                issued_on=today,
                findings=tuple(findings),
            )
        )
    await publish_many(tx, events)
    await _keep_one_end(tx, case.id, today)
    return issued


async def _threshold_findings(tx: Transaction, case_id: UUID) -> list[Any]:
    row = await cases.case_row(tx, case_id)
    return list(row.findings) if row else []


async def _calendar_school(tx: Transaction, case: Case, today: date) -> int:
    """Return the school whose calendar counts the weeks: the case's while the pupil is on its roll, else the present one, else the case's."""
    present = [roll.urn for roll in await projections.present_rolls(tx, case.pupil_id, today)]
    return case.urn if case.urn in present or not present else present[0]


async def _calendar(tx: Transaction, urn: int) -> improvement.Calendar:
    rows = await projections.calendar_rows(tx, urn)
    days = frozenset(date.fromisoformat(day) for row in rows for day in row.open_days)
    return improvement.Calendar(urn, frozenset(row.year for row in rows), days)


async def serve_improvement_notice(tx: Transaction, event: NoticeServed) -> bool:
    """Note when a Notice to Improve was served and what period that gives; False where the event is about something else."""
    notice = await notices.improvement_notice_row(tx, event.notice_id)
    if notice is None:
        return False
    await cases.case_row(tx, notice.case_id, lock=True)
    notice = await notices.improvement_notice_row(tx, event.notice_id, lock=True)
    if notice is None or notice.served_revision >= event.revision:
        return True
    values: dict[str, Any] = {
        "method": event.method,
        "posted_on": event.posted_on,
        "served_on": event.received_on,
        "proof_id": event.proof_id,
        "served_revision": event.revision,
    }
    if notice.status == "issued":
        values["status"] = improvement.move(notice.status, "served")
    await notices.update_improvement_notice(tx, notice.id, **values)
    await settle_periods(tx, notice.case_id, served=notice.id)
    return True


async def settle_periods(tx: Transaction, case_id: UUID, *, served: UUID | None = None) -> None:
    """Work out the periods of a case's served notices by the calendars as they now stand: those not over, and the one just served.

    What was printed is lengthened, never shortened. Without a calendar that covers the weeks a period stays open until it comes.
    """
    today = clock.today()
    for notice in await notices.improvement_notice_rows(tx, case_id):
        over = notice.ends_on is not None and notice.ends_on < today and notice.id != served
        if notice.status != "served" or over:
            continue
        try:
            calendar = await _calendar(tx, notice.calendar_urn)
            period = improvement.improvement_period(law_of(notice.la_code), notice.served_on, calendar)
        except improvement.CalendarMissing:
            continue
        await notices.update_improvement_notice(
            tx,
            notice.id,
            starts_on=improvement.later(notice.planned_starts_on, period.starts_on),
            ends_on=improvement.later(notice.planned_ends_on, notice.ends_on, period.ends_on),
            service_findings=[
                receipt_finding(notice.posted_on, notice.method, notice.served_on).as_json(),
                period.finding.as_json(),
            ],
        )
    await _keep_one_end(tx, case_id, today)


async def _keep_one_end(tx: Transaction, case_id: UUID, today: date) -> None:
    """Give all served notices of a case whose period is not over the latest end that any of them has or prints."""
    running = [n for n in await notices.improvement_notice_rows(tx, case_id) if n.status in improvement.RUNNING]
    current = [n for n in running if n.ends_on is None or n.ends_on >= today]
    latest = improvement.later(*(n.ends_on or n.planned_ends_on for n in current))
    for notice in current:
        if notice.ends_on is not None and notice.ends_on != latest:
            await notices.update_improvement_notice(tx, notice.id, ends_on=latest)


async def follow_calendar(tx: Transaction, urn: int) -> None:
    """Settle the periods that a school's calendar sets, after it changed."""
    for case_id, _ in await notices.running_improvement_cases(tx, urn, clock.today()):
        await cases.case_row(tx, case_id, lock=True)
        await settle_periods(tx, case_id)


async def end_improvement_notice(
    tx: Transaction, caller: CallerInfo, notice_id: UUID, *, outcome: improvement.Outcome, reason: str
) -> dict[str, Any]:
    """Record the outcome that a named person found; when every notice of the case was met, the case closes."""
    person, today = caller.person(), clock.today()
    found = await notices.improvement_notice_row(tx, notice_id)
    if found is None:
        raise NoticeNotFound
    case = await load_case(tx, found.case_id, lock=True)
    row = await notices.improvement_notice_row(tx, notice_id, lock=True)
    assert row is not None  # noqa: S101 -- notices are never deleted
    require(improvement.outcome_refusals(improvement_notice_of(row), outcome, today), OutcomeRefused)
    ended = {
        "status": improvement.move(row.status, outcome),
        "ended_on": today,
        "outcome_reason": reason,
        "ended_by": person,
        "ended_by_role": caller.role,
    }
    await notices.update_improvement_notice(tx, notice_id, **ended)
    said = ImprovementEnded(
        notice_id=notice_id, case_id=row.case_id, pupil_id=row.pupil_id, parent_id=row.parent_id, outcome=outcome, ended_on=today
    )
    await publish(tx, said)
    if outcome in {"met", "cancelled"}:
        await close_if_ended(tx, case.id)
    return await read_improvement_notice(tx, notice_id)


async def read_improvement_notice(tx: Transaction, notice_id: UUID) -> dict[str, Any]:
    """Return a Notice to Improve, with the absence since it was served."""
    row = await notices.improvement_notice_row(tx, notice_id)
    if row is None:
        raise NoticeNotFound
    case = await cases.case_row(tx, row.case_id)
    counting = tuple(Session.of(session) for session in case.counting) if case else ()
    since = improvement.after_warning(counting, row.served_on) if row.served_on else ()
    return {**shown(row), "sessions_since_service": [session.as_json() for session in since]}


async def list_improvement_notices(
    tx: Transaction, caller: CallerInfo, *, case_id: UUID | None, urn: int | None, status: str | None, after: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Return up to `limit` Notices to Improve that are the caller's own; `ended` ones await a person."""
    reach = await reach_of(tx, caller)
    may_reach_school(reach, urn)
    rows = await notices.improvement_notice_page(tx, reach, case_id=case_id, urn=urn, status=status, after=after, limit=limit)
    return [shown(row) for row in rows]


def shown(row: Any) -> dict[str, Any]:
    """Return a notice as people see it."""
    return {
        **row._mapping,  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping
        "status": improvement.shown_status(row.status, row.ends_on, clock.today()),
        "findings": [*row.findings, *row.service_findings],
    }
