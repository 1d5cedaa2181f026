"""Issue Notices to Improve."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.domain.notices import ImprovementNotice
from services.penalties.case_file.repository.notices import add_notice, lock_parent_and_child
from services.penalties.case_file.use_cases.load import load_case_file, named_parents
from services.penalties.case_file.use_cases.matters import judge_matters
from services.penalties.case_file.use_cases.problems import Refused, require
from services.penalties.improvement.domain import ImprovementTerms, improvement_notice_refusals, improvement_period
from services.penalties.improvement.use_cases.periods import align_ends, load_calendar
from services.penalties.law import law_of
from services.penalties.projections.repository import present_rolls
from services.penalties.serving.domain import later
from shared import clock
from shared.attendance.deemed_receipt import deemed_receipt
from shared.contracts.penalties import NoticeIssued
from shared.database import Transaction
from shared.http import CallerInfo
from shared.ids import new_id
from shared.messaging import publish_many


class ImprovementNoticeRefused(Refused):
    """A Notice to Improve cannot be issued now."""


async def issue_improvement_notices(
    tx: Transaction, caller: CallerInfo, case_id: UUID, parent_ids: Sequence[UUID], terms: ImprovementTerms
) -> list[ImprovementNotice]:
    """Issue a Notice to Improve to each of these parents: all or none.

    The dates planned for the letter suppose first-class post today; all running notices of the case print one end date, the latest.
    """
    person, today = caller.person(), clock.today()
    locked = await load_case_file(tx, case_id, lock=True)
    parents = named_parents(locked, parent_ids)
    for parent_id in sorted(parents):
        await lock_parent_and_child(tx, parent_id, locked.pupil_id)
    # Another case of the child may have warned this parent while this one waited.
    case = await load_case_file(tx, case_id)
    require(improvement_notice_refusals(case, parents), ImprovementNoticeRefused)
    calendar = await load_calendar(tx, await _calendar_school(tx, case, today))
    receipt = deemed_receipt(today, "first-class-post")
    period = improvement_period(law_of(case.la_code), receipt.received_on, calendar)
    running = [notice for notice in case.improvement_notices if notice.running]
    ends_on = later(period.ends_on, *(n.planned_ends_on for n in running), *(n.ends_on for n in running)) or period.ends_on
    issued = [
        ImprovementNotice(
            id=new_id(),
            case_id=case.id,
            pupil_id=case.pupil_id,
            parent_id=parent_id,
            urn=case.urn,
            la_code=case.la_code,
            calendar_urn=calendar.urn,
            sessions=case.sessions,
            support_offered=terms.support_offered,
            support_available=terms.support_available,
            contact=terms.contact,
            expected_improvement=terms.expected_improvement,
            early_grounds=terms.early_grounds,
            issued_on=today,
            issued_at=clock.now(),
            issued_by=person,
            issued_by_role=caller.role,
            planned_served_on=period.served_on,
            planned_starts_on=period.starts_on,
            planned_ends_on=ends_on,
            findings=(*case.findings, period.finding.as_json()),
        )
        for parent_id in parents
    ]
    for notice in issued:
        await add_notice(tx, notice)
    await publish_many(tx, [NoticeIssued.of(notice, notice_id=notice.id) for notice in issued])
    await align_ends(tx, case.id, today)
    await judge_matters(tx, case.id)
    return issued


async def _calendar_school(tx: Transaction, case: CaseFile, today: date) -> int:
    """Return the school whose calendar counts the weeks: the case's while the pupil is on its roll, else the present one, else the case's."""
    present = [roll.urn for roll in await present_rolls(tx, case.pupil_id, today)]
    return case.urn if case.urn in present or not present else present[0]
