"""Ask the provider how payments went, record how they stand there, and count their money."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.use_cases.lock import lock_notice
from services.penalties.money.domain import counted_on
from services.penalties.notices.use_cases.settle import settle_notice
from services.penalties.payments import repository
from services.penalties.payments.clients import pay
from services.penalties.payments.clients.pay import ProviderPayment
from shared import clock
from shared.database import Database, Transaction
from shared.due_work import DueWork
from shared.jobs import next_attempt
from shared.problems import Unavailable


async def record_payment(database: Database, notice_id: UUID, payment_id: UUID, found: ProviderPayment | None) -> None:
    """Store how a payment of a notice stands at the provider (None: there is no such payment); money that was taken counts, once."""
    async with database.begin() as tx:
        await lock_notice(tx, PenaltyNotice, notice_id)
        payment = await repository.lock_payment(tx, payment_id)
        if payment is None:
            return
        if found is not None and found.succeeded:
            await _count_money(tx, payment, found)
        elif payment.state != "success" and (found is None or found.state.finished):
            await repository.store_closed(tx, payment.id)


async def _count_money(tx: Transaction, payment: repository.PaymentRow, found: ProviderPayment) -> None:
    """Count money on the day of its message; without one, of its capture; failing both, of the payment's beginning.

    Never before the day on which it was opened, by the provider or here. A payment counts once. A message that dates it earlier, arriving
    late, moves it to that day; nothing moves it to a later one.
    """
    today = clock.today()
    opened_on = min(payment.created_on, counted_on(found.created_date, today) if found.created_date else today)
    taken_on = counted_on(found.captured_at, today) if found.captured_at else opened_on
    day = max(await repository.paid_on_by_messages(tx, found.payment_id) or taken_on, opened_on)
    if payment.state != "success" or payment.counted_on is None:
        await repository.store_money(tx, payment.id, found.amount, day)
        await settle_notice(tx, payment.notice_id, found.payment_id)
    elif day < payment.counted_on:
        await repository.store_money(tx, payment.id, payment.amount_pence, day)
        await settle_notice(tx, payment.notice_id)


log = structlog.get_logger()
CANCELLABLE = ("created", "started")


async def _find(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return await repository.due_payments(tx, job, clock.now(), clock.today(), limit)


async def _ask(database: Database, keys: Sequence[str], due_by: datetime) -> int:
    (key,) = keys
    async with database.begin() as tx:
        payment = await repository.claim_open_payment(tx, UUID(key), due_by, clock.today())
        if payment is None:
            return 0
        attempts = payment.attempts + 1
        cancel_requested = payment.cancel_requested or payment.over
        await repository.store_attempt(tx, payment.id, attempts, next_attempt(attempts), cancel_requested=cancel_requested)
    try:
        found = await pay.read(payment.provider_payment_id)
        given_up = payment.over and found is not None and found.state.status in CANCELLABLE
        if given_up:
            await pay.cancel(payment.provider_payment_id)
            found = await pay.read(payment.provider_payment_id)
    except Unavailable as error:
        log.warning("payment waits", payment_id=payment.provider_payment_id, error=error.type())
        return 1
    await record_payment(database, payment.notice_id, payment.id, found)
    if given_up and found is not None and not found.state.finished:
        # The provider would not cancel it; should it be completed all the same, its message counts.
        async with database.begin() as tx:
            await repository.store_closed(tx, payment.id)
    return 1


ask_about_open_payment = DueWork("open-payments", _find, _ask, at_once=4)
"""Asks the provider about open payments of which no message came in time, or whose notice can no longer be paid, and about money that counts
on a day that lies ahead, since the date was wrong.

The second kind is cancelled, so that nobody pays what is not owed any more; one that the provider is taking at this moment is waited for.
"""
