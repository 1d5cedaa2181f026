"""Start the clocks of a penalty notice."""

from dataclasses import replace

from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.repository.notices import save_notice
from services.penalties.case_file.use_cases.lock import lock_served_notice
from services.penalties.law import law_of
from services.penalties.notices.domain.penalty_notices import move_penalty_notice
from services.penalties.notices.use_cases.overdue import publish_overdue, take_back
from services.penalties.notices.use_cases.settle import settle_notice
from services.penalties.serving.domain import deadlines, receipt_finding
from shared import clock
from shared.contracts.notifications import NoticeServed
from shared.database import Transaction


async def serve_penalty_notice(tx: Transaction, event: NoticeServed) -> None:
    """Start the clocks of a penalty notice from its receipt, or lengthen them; another notice is none of its business.

    A later receipt, proven of an overdue notice, takes it back to served while there is time to pay; without, it is published as overdue again.
    """
    notice = await lock_served_notice(tx, PenaltyNotice, event)
    if notice is None:
        return
    printed, shown = (notice.planned_early_deadline, notice.planned_final_deadline), (notice.early_deadline, notice.final_deadline)
    dates = deadlines(law_of(notice.la_code), event.received_on, printed, shown)
    in_time = dates.overdue_from > clock.today()
    findings = (receipt_finding(event.posted_on, event.method, event.received_on), *dates.findings)
    served = replace(
        notice,
        status=move_penalty_notice(notice.status, "served") if notice.status == "issued" else notice.status,
        received_on=event.received_on,
        early_deadline=dates.early_deadline,
        final_deadline=dates.final_deadline,
        overdue_from=dates.overdue_from,
        serving_findings=tuple(finding.as_json() for finding in findings),
    )
    if served.status != "overdue":
        await save_notice(tx, served)
    elif in_time:
        await take_back(tx, served, "receipt")
    else:
        await publish_overdue(tx, served)
    await settle_notice(tx, notice.id)
