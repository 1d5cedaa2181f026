"""Record how a payment stands at the provider, and count its money."""

from uuid import UUID

from services.penalties.case_file.use_cases.lock import lock_penalty_notice
from services.penalties.money.domain import counted_on
from services.penalties.notices.use_cases.settle import settle_notice
from services.penalties.payments.clients.pay import ProviderPayment
from services.penalties.payments.repository import PaymentRow, lock_payment, paid_on_by_messages, store_closed, store_money
from shared import clock
from shared.database import Database, Transaction


async def record_payment(database: Database, notice_id: UUID, payment_id: UUID, found: ProviderPayment | None) -> None:
    """Store how a payment of a notice stands at the provider (None: there is no such payment); money that was taken counts, once."""
    async with database.begin() as tx:
        await lock_penalty_notice(tx, notice_id)
        payment = await lock_payment(tx, payment_id)
        if payment is None:
            return
        if found is not None and found.succeeded:
            await _count_money(tx, payment, found)
        elif payment.state != "success" and (found is None or found.state.finished):
            await store_closed(tx, payment.id)


async def _count_money(tx: Transaction, payment: PaymentRow, found: ProviderPayment) -> None:
    """Count money on the day of its message; without one, of its capture; failing both, of the payment's beginning.

    Never before the day on which it was opened. A payment counts once. A message that dates it earlier, arriving late, moves it to that
    day; nothing moves it to a later one.
    """
    taken_on = counted_on(found.captured_at, clock.today()) if found.captured_at else payment.created_on
    day = max(await paid_on_by_messages(tx, found.payment_id) or taken_on, payment.created_on)
    if payment.state != "success" or payment.counted_on is None:
        await store_money(tx, payment.id, found.amount, day)
        await settle_notice(tx, payment.notice_id, found.payment_id)
    elif day < payment.counted_on:
        await store_money(tx, payment.id, payment.amount_pence, day)
        await settle_notice(tx, payment.notice_id)
