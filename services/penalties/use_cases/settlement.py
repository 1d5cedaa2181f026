"""Counting money: what a payment does to its notice. Doing it again changes nothing."""

from datetime import date
from typing import Any
from uuid import UUID

from services.penalties.clients.pay import ProviderPayment
from services.penalties.domain.payments import Amounts, Settlement, counted_on, due_pence, payment_finding, settle
from services.penalties.domain.penalty_notices import UNSETTLED, move
from services.penalties.repository import cases, notices
from services.penalties.repository import payments as repository
from services.penalties.use_cases.closing import close_if_ended
from services.penalties.use_cases.problems import NoticeNotFound
from services.penalties.use_cases.statutes import law_of
from shared import clock
from shared.contracts.penalties import PaymentReceived
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.messaging import publish


async def lock_notice(tx: Transaction, notice_id: UUID) -> Any:
    """Return a penalty notice, locked after its case, in the order in which everyone locks them. Raises NoticeNotFound."""
    seen = await notices.penalty_notice_row(tx, notice_id)
    if seen is None:
        raise NoticeNotFound
    await cases.case_row(tx, seen.case_id, lock=True)
    return await notices.penalty_notice_row(tx, notice_id, lock=True)


async def record_at_provider(database: Database, payment: Any, said: ProviderPayment | None) -> None:
    """Store what the provider says of a payment; money that was taken counts, once."""
    async with database.begin() as tx:
        notice = await lock_notice(tx, payment.notice_id)
        known = await repository.payment_row(tx, payment.id)
        if said is not None and said.succeeded:
            await _count(tx, notice, known, said)
        elif known.state != "success" and (said is None or said.state.finished):
            await repository.update_payment(tx, known.id, state="closed")


async def _count(tx: Transaction, notice: Any, known: Any, said: ProviderPayment) -> None:
    """Count money on the day of its message; without one, of its capture; failing both, of the payment's beginning.

    Never before the day on which it was opened. A payment counts once. A message that dates it earlier, arriving late, moves it to that
    day; nothing moves it to a later one.
    """
    taken_on = counted_on(said.captured_at, clock.today()) if said.captured_at else known.created_on
    day = max(await repository.said_paid_on(tx, said.payment_id) or taken_on, known.created_on)
    if known.state != "success":
        await repository.update_payment(tx, known.id, state="success", counted_on=day, amount_pence=said.amount)
        await settle_notice(tx, notice.id, said.payment_id)
    elif day < known.counted_on:
        await repository.update_payment(tx, known.id, counted_on=day)
        await settle_notice(tx, notice.id)


async def settle_notice(tx: Transaction, notice_id: UUID, provider_payment_id: str | None = None) -> None:
    """Draw what follows from the money that came in for a notice, and say so.

    To be done when money arrives (`provider_payment_id`: this payment is said whatever it does), and when the dates of a notice change
    (the latest payment is said again if the notice is thereby paid). Harmless where no money came in.
    """
    notice = await lock_notice(tx, notice_id)
    payment = await repository.successful_payment(tx, notice_id, provider_payment_id)
    if payment is None:
        return
    settlement = await settlement_of(tx, notice)
    newly_paid = settlement.discharged_on is not None and notice.status in UNSETTLED
    revision = notice.revision + 1 if newly_paid or provider_payment_id else notice.revision
    findings = notice.findings
    if newly_paid:
        why = payment_finding(law_of(notice.la_code), amounts_of(notice), settlement, notice.early_deadline, notice.final_deadline)
        findings = [*findings, why.as_json()]
    await notices.update_penalty_notice(
        tx,
        notice_id,
        status=move(notice.status, "paid") if newly_paid else notice.status,
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


async def settlement_of(tx: Transaction, notice: Any) -> Settlement:
    """Return what the money for a notice amounts to: nothing is kept for a withdrawn one, nor what comes late after a charge."""
    money = await repository.money_of(tx, notice.id)
    if notice.status == "withdrawn":
        total = sum(each.amount_pence for each in money)
        return Settlement(total, None, total)
    charged = notice.status != "paid" and await repository.is_charged(tx, notice.id, notice.pupil_id)
    return settle(amounts_of(notice), notice.early_deadline, money, notice.final_deadline if charged else None)


async def owe_back(tx: Transaction, notice: Any, settlement: Settlement) -> None:
    """Record what is owed back for a notice beyond what is recorded already."""
    more = settlement.overpaid_pence - await repository.owed_back(tx, notice.id)
    if more <= 0:
        return
    cause = "withdrawn" if notice.status == "withdrawn" else "overpaid" if settlement.discharged_on else "charged"
    refund = {"id": new_id(), "notice_id": notice.id, "amount_pence": more, "cause": cause, "due_on": clock.today()}
    await repository.insert_refund(tx, refund)


def amounts_of(notice: Any) -> Amounts:
    """Return what a notice costs."""
    return Amounts(notice.early_pence, notice.full_pence)


def due_on(notice: Any, settlement: Settlement, on: date) -> int:
    """Return what is still to be paid for a notice on a day, in pence."""
    return 0 if notice.status == "withdrawn" else due_pence(amounts_of(notice), notice.early_deadline, settlement, on)


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
