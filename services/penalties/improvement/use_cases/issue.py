"""Issue Notices to Improve."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.penalties.case_file.domain.facts import RUNNING, Case
from services.penalties.case_file.repository.cases import case_row
from services.penalties.case_file.repository.notices import improvement_notice_rows
from services.penalties.case_file.use_cases.load import load_case
from services.penalties.case_file.use_cases.parents import named_parents
from services.penalties.case_file.use_cases.problems import Refused, require
from services.penalties.improvement.domain import improvement_notice_refusals, improvement_period
from services.penalties.improvement.repository import insert_improvement_notice
from services.penalties.improvement.use_cases.periods import align_ends, load_calendar
from services.penalties.law import law_of
from services.penalties.projections.repository import present_rolls
from services.penalties.serving.domain import later
from shared import clock
from shared.attendance.deemed_receipt import deemed_receipt
from shared.contracts.event import RelianceSession
from shared.contracts.penalties import NoticeIssued
from shared.database import Transaction
from shared.http import CallerInfo
from shared.ids import new_id
from shared.messaging import publish_many


class ImprovementNoticeRefused(Refused):
    """A Notice to Improve cannot be issued now."""


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
    require(improvement_notice_refusals(case, parents), ImprovementNoticeRefused)
    calendar = await load_calendar(tx, await _calendar_school(tx, case, today))
    receipt = deemed_receipt(today, "first-class-post")
    period = improvement_period(law_of(case.la_code), receipt.received_on, calendar)
    running = [n for n in await improvement_notice_rows(tx, case.id) if n.status in RUNNING]
    ends_on = later(period.ends_on, *(n.planned_ends_on for n in running), *(n.ends_on for n in running))
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
        await insert_improvement_notice(tx, stored)
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
    await align_ends(tx, case.id, today)
    return issued


async def _threshold_findings(tx: Transaction, case_id: UUID) -> list[Any]:
    row = await case_row(tx, case_id)
    return list(row.findings) if row else []


async def _calendar_school(tx: Transaction, case: Case, today: date) -> int:
    """Return the school whose calendar counts the weeks: the case's while the pupil is on its roll, else the present one, else the case's."""
    present = [roll.urn for roll in await present_rolls(tx, case.pupil_id, today)]
    return case.urn if case.urn in present or not present else present[0]
