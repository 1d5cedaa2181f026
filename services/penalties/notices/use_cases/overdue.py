"""Notices that were not paid in time, and those that were taken for such: found in the database by their dates, whatever ticks were missed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.repository.notices import save_notice
from services.penalties.case_file.use_cases.chronology import chronology_of, served_notice
from services.penalties.case_file.use_cases.load import current_ids
from services.penalties.law import law_of
from services.penalties.money.use_cases import due_on, settlement_of
from services.penalties.notices.domain.penalty_notices import move_penalty_notice
from services.penalties.notices.repository import DueNotice, due_notices, early_notices, lock_due_notices, lock_early_notices
from shared import clock
from shared.contracts.penalties import NoticeChanged, PaymentOverdue
from shared.database import Transaction
from shared.due_work import DueWork, in_one_transaction
from shared.messaging import publish

BATCH_SIZE = 50
"""Notices marked in one transaction."""


async def _find(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return [str(due) for due in await due_notices(tx, job, clock.today(), limit)]


async def _mark(tx: Transaction, keys: Sequence[str]) -> int:
    today = clock.today()
    notices = await lock_due_notices(tx, today, [DueNotice.parse(key).notice_id for key in keys])
    for notice in notices:
        await _mark_overdue(tx, notice, today)
    return len(notices)


mark_overdue = DueWork("overdue", _find, in_one_transaction(_mark), batch=BATCH_SIZE)
"""Marks notices whose last day to pay has passed, and publishes what a court file needs. Held notices wait for an officer.

One with an open payment waits until the provider has answered how it ended (`ask_about_open_payment`).
"""


_NOT_PAID, _JUDGED_BY_A_WRONG_DATE = "not paid within the payment period", "not overdue yet: judged by a date that was wrong"
"""Outcomes of the findings that a notice became overdue, and that it was not."""


async def _mark_overdue(tx: Transaction, notice: PenaltyNotice, today: date) -> None:
    served = served_notice(notice)
    provision = law_of(notice.la_code).at("payment_days", served.received_on)
    finding = provision.finding(
        _NOT_PAID,
        received_on=served.received_on,
        final_deadline=notice.final_deadline,
        paid_pence=notice.paid_pence,
        marked_on=today,
    )
    findings = (*notice.findings, finding.as_json())
    await publish_overdue(tx, replace(notice, status=move_penalty_notice(notice.status, "overdue"), findings=findings))


async def publish_overdue(tx: Transaction, notice: PenaltyNotice) -> None:
    """Store and publish that a notice is overdue."""
    notice = replace(notice, revision=notice.revision + 1)
    await save_notice(tx, notice)
    await publish(tx, await payment_overdue(tx, notice))


async def payment_overdue(tx: Transaction, notice: PenaltyNotice) -> PaymentOverdue:
    """Return the event that a notice is overdue, with how it was served by the proof that stands now."""
    current = await current_ids(tx, notice.pupil_id)
    before = (await chronology_of(tx, notice.case_id, notice.pupil_id)).of_parent(current[notice.parent_id])
    return PaymentOverdue.of(
        notice,
        notice_id=notice.id,
        served=served_notice(notice),
        improvement_notices=before.improvement_notices,
        decisions=before.decisions,
        findings=(*notice.findings, *notice.serving_findings),
    )


async def _find_early(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return [str(early) for early in await early_notices(tx, job, clock.today(), limit)]


async def _judge_again(tx: Transaction, keys: Sequence[str]) -> int:
    today = clock.today()
    notices = await lock_early_notices(tx, today, [DueNotice.parse(key).notice_id for key in keys])
    for notice in notices:
        provision = law_of(notice.la_code).at("payment_days", served_notice(notice).received_on)
        finding = provision.finding(_JUDGED_BY_A_WRONG_DATE, final_deadline=notice.final_deadline, judged_on=today)
        await take_back(tx, replace(notice, findings=(*notice.findings, finding.as_json())), "date")
    return len(notices)


judge_overdue_again = DueWork("overdue too early", _find_early, in_one_transaction(_judge_again), batch=BATCH_SIZE)
"""Takes notices back that are overdue before their time, because the date at which they were judged was wrong, held or not."""


async def take_back(tx: Transaction, notice: PenaltyNotice, why: Literal["date", "receipt"]) -> PenaltyNotice:
    """Store and publish that an overdue notice, which is locked, is not overdue any more; return it. It falls due again by its dates."""
    back = replace(notice, status=move_penalty_notice(notice.status, "served"), revision=notice.revision + 1)
    await save_notice(tx, back)
    await publish(tx, await notice_changed(tx, back, why))
    return back


async def notice_changed(tx: Transaction, notice: PenaltyNotice, why: Literal["date", "receipt"]) -> NoticeChanged:
    """Return the event that a notice which was overdue is not, with what is still to be paid today."""
    due = due_on(notice, await settlement_of(tx, notice), clock.today())
    return NoticeChanged.of(notice, notice_id=notice.id, due_pence=due, why=why)


def why_not_overdue(notice: PenaltyNotice) -> Literal["date", "receipt"] | None:
    """Return why a notice that was overdue may be paid again; None where it never was overdue, or is no more to be paid."""
    judged = [each["outcome"] for each in notice.findings if each.get("outcome") in (_NOT_PAID, _JUDGED_BY_A_WRONG_DATE)]
    if notice.status != "served" or not (judged or notice.revision > notice.paid_revision):
        return None
    return "receipt" if judged and judged[-1] == _NOT_PAID else "date"
