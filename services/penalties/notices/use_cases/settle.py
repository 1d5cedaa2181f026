"""What the money that came in does to its notice. Doing it again changes nothing."""

from typing import Any
from uuid import UUID

from services.penalties.case_file.domain.facts import UNSETTLED
from services.penalties.case_file.use_cases.close import close_if_ended
from services.penalties.case_file.use_cases.lock import lock_notice
from services.penalties.law import law_of
from services.penalties.money.domain import Settlement, payment_finding
from services.penalties.money.repository import successful_payment
from services.penalties.money.use_cases import amounts_of, due_on, owe_back, settlement_of
from services.penalties.notices.domain.penalty_notices import move_penalty_notice
from services.penalties.notices.repository import update_penalty_notice
from shared.contracts.penalties import PaymentReceived
from shared.database import Transaction
from shared.messaging import publish


async def settle_notice(tx: Transaction, notice_id: UUID, provider_payment_id: str | None = None) -> None:
    """Draw what follows from the money that came in for a notice, and say so.

    To be done when money arrives (`provider_payment_id`: this payment is said whatever it does), and when the dates of a notice change
    (the latest payment is said again if the notice is thereby paid). Harmless where no money came in.
    """
    notice = await lock_notice(tx, notice_id)
    payment = await successful_payment(tx, notice_id, provider_payment_id)
    if payment is None:
        return
    settlement = await settlement_of(tx, notice)
    newly_paid = settlement.discharged_on is not None and notice.status in UNSETTLED
    revision = notice.revision + 1 if newly_paid or provider_payment_id else notice.revision
    findings = notice.findings
    if newly_paid:
        why = payment_finding(law_of(notice.la_code), amounts_of(notice), settlement, notice.early_deadline, notice.final_deadline)
        findings = [*findings, why.as_json()]
    await update_penalty_notice(
        tx,
        notice_id,
        status=move_penalty_notice(notice.status, "paid") if newly_paid else notice.status,
        paid_pence=settlement.paid_pence,
        paid_on=settlement.discharged_on or notice.paid_on,
        revision=revision,
        findings=findings,
    )
    await owe_back(tx, notice, settlement)
    if revision > notice.revision:
        await publish(tx, _payment_received(notice, payment, settlement, revision))
    if newly_paid:
        await close_if_ended(tx, notice.case_id)


def _payment_received(notice: Any, payment: Any, settlement: Settlement, revision: int) -> PaymentReceived:
    return PaymentReceived(
        notice_id=notice.id,
        case_id=notice.case_id,
        pupil_id=notice.pupil_id,
        parent_id=notice.parent_id,
        payment_id=payment.provider_payment_id,
        amount_pence=payment.amount_pence,
        counted_on=payment.counted_on,
        paid_pence=settlement.paid_pence,
        due_pence=due_on(notice, settlement, payment.counted_on),
        discharged=settlement.discharged_on is not None,
        revision=revision,
    )
