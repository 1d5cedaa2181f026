"""Record how a payment stands at the provider, and count its money."""

from typing import Any

from services.penalties.case_file.use_cases.lock import lock_notice
from services.penalties.money.domain import counted_on
from services.penalties.notices.use_cases.settle import settle_notice
from services.penalties.payments.clients.pay import ProviderPayment
from services.penalties.payments.repository import paid_on_by_messages, payment_row, update_payment
from shared import clock
from shared.database import Database, Transaction


async def record_payment(database: Database, payment: Any, said: ProviderPayment | None) -> None:
    """Store what the provider says of a payment; money that was taken counts, once."""
    async with database.begin() as tx:
        notice = await lock_notice(tx, payment.notice_id)
        known = await payment_row(tx, payment.id)
        if said is not None and said.succeeded:
            await _count_money(tx, notice, known, said)
        elif known.state != "success" and (said is None or said.state.finished):
            await update_payment(tx, known.id, state="closed")


async def _count_money(tx: Transaction, notice: Any, known: Any, said: ProviderPayment) -> None:
    """Count money on the day of its message; without one, of its capture; failing both, of the payment's beginning.

    Never before the day on which it was opened. A payment counts once. A message that dates it earlier, arriving late, moves it to that
    day; nothing moves it to a later one.
    """
    taken_on = counted_on(said.captured_at, clock.today()) if said.captured_at else known.created_on
    day = max(await paid_on_by_messages(tx, said.payment_id) or taken_on, known.created_on)
    if known.state != "success":
        await update_payment(tx, known.id, state="success", counted_on=day, amount_pence=said.amount)
        await settle_notice(tx, notice.id, said.payment_id)
    elif day < known.counted_on:
        await update_payment(tx, known.id, counted_on=day)
        await settle_notice(tx, notice.id)
