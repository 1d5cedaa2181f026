"""Notices that were not paid in time: found in the database by their dates, whatever ticks were missed."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.penalties.domain.penalty_notices import move
from services.penalties.repository import cases, notices
from services.penalties.repository import payments as repository
from services.penalties.use_cases.dossiers import ids_of_person
from services.penalties.use_cases.statutes import law_of
from shared import clock
from shared.contracts.event import Period, RelianceSession
from shared.contracts.penalties import DecisionTaken, ImprovementHistory, PaymentOverdue, ServedNotice
from shared.database import Database, Transaction
from shared.jobs import Job
from shared.messaging import emit

AT_ONCE = 50
"""Notices marked in one transaction."""


async def mark_overdue(database: Database) -> int:
    """Mark notices whose last day to pay has passed, and say what a court file needs. Held notices wait for an officer.

    One with an open payment waits until the provider has said how it ended (`ask_about_open_payment`).
    """
    today = clock.today()
    async with database.begin() as tx:
        due = await repository.claim_overdue_notices(tx, today, AT_ONCE)
        for notice in due:
            await _mark(tx, notice, today)
    return len(due)


async def _mark(tx: Transaction, notice: Any, today: date) -> None:
    provision = law_of(notice.la_code).at("payment_days", notice.received_on)
    facts = {
        "received_on": notice.received_on,
        "final_deadline": notice.final_deadline,
        "paid_pence": notice.paid_pence,
        "marked_on": today,
    }
    overdue = provision.finding("not paid within the payment period", **facts).as_json()
    await notices.update_penalty_notice(tx, notice.id, status=move(notice.status, "overdue"), findings=[*notice.findings, overdue])
    await emit(tx, await _overdue_event(tx, notice, [*notice.findings, *notice.service_findings, overdue]))


async def _overdue_event(tx: Transaction, notice: Any, findings: Sequence[dict[str, Any]]) -> PaymentOverdue:
    improvement = await notices.improvement_notice_rows(tx, notice.case_id)
    person = await ids_of_person(tx, notice.pupil_id, notice.parent_id)
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
        served=_served(notice, notice.received_on),
        tier=notice.tier,
        early_pence=notice.early_pence,
        full_pence=notice.full_pence,
        early_deadline=notice.early_deadline,
        final_deadline=notice.final_deadline,
        overdue_from=notice.overdue_from,
        paid_pence=notice.paid_pence,
        improvement_notices=tuple(_history(row) for row in improvement if row.parent_id in person),
        decisions=await _decisions(tx, notice.case_id, person),
        findings=tuple(findings),
    )


def _served(row: Any, received_on: date) -> ServedNotice:
    return ServedNotice(notice_id=row.id, method=row.method, posted_on=row.posted_on, received_on=received_on, proof_id=row.proof_id)


def _history(row: Any) -> ImprovementHistory:
    ended = row.ended_on is not None
    return ImprovementHistory(
        notice_id=row.id,
        issued_on=row.issued_on,
        served=_served(row, row.served_on) if row.served_on else None,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        outcome=row.status if ended else None,
        outcome_on=row.ended_on,
    )


async def _decisions(tx: Transaction, case_id: UUID, person: frozenset[UUID]) -> tuple[DecisionTaken, ...]:
    """Return the steps that concern this parent, in the order in which they were taken."""
    taken = [
        (row.decided_at, DecisionTaken(on=row.decided_on, what=f"decided: {row.decision}", by_role=row.decided_by_role))
        for row in await cases.decision_rows(tx, case_id)
        if not row.parent_ids or any(UUID(parent_id) in person for parent_id in row.parent_ids)
    ]
    for row in await cases.agreement_rows(tx, case_id):
        what = f"authority {'agreed' if row.agreed else 'declined'}: {row.recommendation}"
        taken.append((row.agreed_at, DecisionTaken(on=row.agreed_on, what=what, by_role=row.agreed_by_role)))
    return tuple(step for _, step in sorted(taken, key=lambda each: each[0]))


JOBS: dict[str, Job] = {"overdue": mark_overdue}
