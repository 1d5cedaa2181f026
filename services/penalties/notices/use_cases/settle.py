"""What the money that came in does to its notice. Doing it again changes nothing."""

from dataclasses import replace
from uuid import UUID

from services.penalties.case_file.domain.notices import UNSETTLED, PenaltyNotice
from services.penalties.case_file.repository.notices import save_notice
from services.penalties.case_file.use_cases.lock import lock_notice
from services.penalties.case_file.use_cases.matters import judge_matters
from services.penalties.law import law_of
from services.penalties.money.domain import Settlement, payment_finding
from services.penalties.money.repository import CountedPayment, counted_payment
from services.penalties.money.use_cases import amounts_of, due_on, owe_back, settlement_of
from services.penalties.notices.domain.penalty_notices import move_penalty_notice
from shared.contracts.penalties import PaymentReceived
from shared.database import Transaction
from shared.messaging import publish


async def settle_notice(tx: Transaction, notice_id: UUID, provider_payment_id: str | None = None) -> None:
    """Store what follows from the money that came in for a notice, and publish it.

    To be done when money arrives (`provider_payment_id`: this payment is published whatever it does), and when the dates of a notice change
    (the latest payment is published again if the notice is thereby paid). Harmless where no money came in.
    """
    notice = await lock_notice(tx, PenaltyNotice, notice_id)
    payment = await counted_payment(tx, notice_id, provider_payment_id)
    if payment is None:
        return
    settlement = await settlement_of(tx, notice)
    newly_paid = settlement.discharged_on is not None and notice.status in UNSETTLED
    settled = replace(
        notice,
        paid_pence=settlement.paid_pence,
        paid_on=settlement.discharged_on or notice.paid_on,
        revision=notice.revision + 1 if newly_paid or provider_payment_id else notice.revision,
    )
    if settled.revision > notice.revision:
        settled = replace(settled, paid_revision=settled.revision)
    if newly_paid:
        why = payment_finding(law_of(notice.la_code), amounts_of(notice), settlement, notice.early_deadline, notice.final_deadline)
        settled = replace(settled, status=move_penalty_notice(notice.status, "paid"), findings=(*notice.findings, why.as_json()))
    await save_notice(tx, settled)
    await owe_back(tx, notice, settlement)
    if settled.revision > notice.revision:
        await publish(tx, payment_received(settled, payment, settlement))
    if newly_paid:
        await judge_matters(tx, notice.case_id)


def payment_received(notice: PenaltyNotice, payment: CountedPayment, settlement: Settlement) -> PaymentReceived:
    """Return the event of a payment of a notice, with what all of its money amounts to."""
    return PaymentReceived.of(
        notice,
        notice_id=notice.id,
        payment_id=payment.provider_payment_id,
        amount_pence=payment.amount_pence,
        counted_on=payment.counted_on,
        paid_pence=settlement.paid_pence,
        due_pence=due_on(notice, settlement, payment.counted_on),
        discharged=settlement.discharged_on is not None,
        revision=notice.paid_revision,
    )
