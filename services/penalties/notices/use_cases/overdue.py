"""Notices that were not paid in time: found in the database by their dates, whatever ticks were missed."""

from datetime import date
from typing import Any
from uuid import UUID

from services.penalties.case_file.repository.notices import penalty_notice_row
from services.penalties.case_file.use_cases.chronology import chronology_of, served_notice
from services.penalties.case_file.use_cases.load import current_ids
from services.penalties.law import law_of
from services.penalties.notices.domain.penalty_notices import move_penalty_notice
from services.penalties.notices.repository import claim_overdue_notices, update_penalty_notice
from shared import clock
from shared.contracts.event import Period, RelianceSession
from shared.contracts.penalties import PaymentOverdue
from shared.database import Database, Transaction
from shared.jobs import Job
from shared.messaging import publish

BATCH_SIZE = 50
"""Notices marked in one transaction."""


async def mark_overdue(database: Database) -> int:
    """Mark notices whose last day to pay has passed, and say what a court file needs. Held notices wait for an officer.

    One with an open payment waits until the provider has said how it ended (`ask_about_open_payment`).
    """
    today = clock.today()
    async with database.begin() as tx:
        due = await claim_overdue_notices(tx, today, BATCH_SIZE)
        for notice in due:
            await _mark_overdue(tx, notice, today)
    return len(due)


async def _mark_overdue(tx: Transaction, notice: Any, today: date) -> None:
    provision = law_of(notice.la_code).at("payment_days", notice.received_on)
    facts = {
        "received_on": notice.received_on,
        "final_deadline": notice.final_deadline,
        "paid_pence": notice.paid_pence,
        "marked_on": today,
    }
    overdue = provision.finding("not paid within the payment period", **facts).as_json()
    await update_penalty_notice(tx, notice.id, status=move_penalty_notice(notice.status, "overdue"), findings=[*notice.findings, overdue])
    await publish_overdue(tx, notice.id)


async def publish_overdue(tx: Transaction, notice_id: UUID) -> None:
    """Say that a notice is overdue, with how it was served as far as is known now."""
    notice = await penalty_notice_row(tx, notice_id)
    await publish(tx, await _overdue_event(tx, notice))


async def _overdue_event(tx: Transaction, notice: Any) -> PaymentOverdue:
    known_as = await current_ids(tx, notice.pupil_id)
    before = (await chronology_of(tx, notice.case_id, notice.pupil_id)).of(known_as.get(notice.parent_id, notice.parent_id))
    return PaymentOverdue(
        notice_id=notice.id,
        kind=notice.kind,
        reference=notice.reference,
        case_id=notice.case_id,
        pupil_id=notice.pupil_id,
        parent_id=notice.parent_id,
        urn=notice.urn,
        la_code=notice.la_code,
        offence=Period(start=notice.offence_from, end=notice.offence_to),
        sessions=tuple(RelianceSession(**session) for session in notice.sessions),
        issued_on=notice.issued_on,
        served=served_notice(notice, notice.received_on),
        tier=notice.tier,
        early_pence=notice.early_pence,
        full_pence=notice.full_pence,
        early_deadline=notice.early_deadline,
        final_deadline=notice.final_deadline,
        overdue_from=notice.overdue_from,
        paid_pence=notice.paid_pence,
        improvement_notices=before.improvement_notices,
        decisions=before.decisions,
        findings=(*notice.findings, *notice.service_findings),
    )


JOBS: dict[str, Job] = {"overdue": mark_overdue}
