"""Start the clocks of a penalty notice."""

from typing import Any

from services.penalties.case_file.repository.cases import case_row
from services.penalties.case_file.repository.notices import penalty_notice_row
from services.penalties.law import law_of
from services.penalties.notices.domain.penalty_notices import move_penalty_notice
from services.penalties.notices.repository import update_penalty_notice
from services.penalties.notices.use_cases.overdue import publish_overdue
from services.penalties.notices.use_cases.settle import settle_notice
from services.penalties.serving.domain import deadlines, receipt_finding
from shared import clock
from shared.contracts.notifications import NoticeServed
from shared.database import Transaction


async def serve_penalty_notice(tx: Transaction, event: NoticeServed) -> None:
    """Start the clocks of a penalty notice from its receipt, or lengthen them; another notice is none of its business.

    A later receipt, proven of an overdue notice, takes it back to served while there is time to pay; without, it is published as overdue again.
    """
    found = await penalty_notice_row(tx, event.notice_id)
    if found is None:
        return
    await case_row(tx, found.case_id, lock=True)
    row = await penalty_notice_row(tx, event.notice_id, lock=True)
    if row is None or row.served_revision >= event.revision:
        return
    printed = (row.planned_early_deadline, row.planned_final_deadline)
    dates = deadlines(law_of(row.la_code), event.received_on, printed, (row.early_deadline, row.final_deadline))
    findings = (receipt_finding(event.posted_on, event.method, event.received_on), *dates.findings)
    values: dict[str, Any] = {
        "method": event.method,
        "posted_on": event.posted_on,
        "received_on": event.received_on,
        "proof_id": event.proof_id,
        "served_revision": event.revision,
        "early_deadline": dates.early_deadline,
        "final_deadline": dates.final_deadline,
        "overdue_from": dates.overdue_from,
        "service_findings": [finding.as_json() for finding in findings],
    }
    in_time = dates.overdue_from > clock.today()
    if row.status == "issued" or (row.status == "overdue" and in_time):
        values["status"] = move_penalty_notice(row.status, "served")
    await update_penalty_notice(tx, row.id, **values)
    if row.status == "overdue" and not in_time:
        await publish_overdue(tx, row.id)
    await settle_notice(tx, row.id)
