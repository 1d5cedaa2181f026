"""Open payments at the provider.

The provider is never called inside a transaction: the intention is stored, the provider asked, its answer stored.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.use_cases.lock import lock_notice
from services.penalties.money.use_cases import due_on, settlement_of
from services.penalties.payments import repository
from services.penalties.payments.clients import pay
from services.penalties.payments.use_cases.adopt import adopt_payments
from services.penalties.payments.use_cases.provider import record_payment
from shared import clock
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.problems import Conflict, Problem, Unavailable

EXPECTED = timedelta(minutes=95)
"""A payment can be completed for 90 minutes; after that the provider is asked, should no message have come."""
OPENING = timedelta(seconds=30)
"""An intention older than this was left by a process that died: nobody was sent to pay it."""
PAUSE_SECONDS, PAUSES = 0.2, 100


class NoticeAlreadyPaid(Conflict):
    """The notice has been paid."""


class NoticeWithdrawn(Conflict):
    """The notice was withdrawn: nothing is to be paid."""


class NoticeOverdue(Conflict):
    """The time for paying is over."""


@dataclass(frozen=True, slots=True)
class StartedPayment:
    """Where the payer goes, and what they will pay; `is_new` is false for one that was open already."""

    payment_id: str
    next_url: str
    amount_pence: int
    is_new: bool


async def begin_payment(database: Database, notice_id: UUID, return_url: str) -> StartedPayment:
    """Open a payment of what is due today, or return the one that is open for that amount.

    One that is open for another amount is cancelled first. Raises NoticeNotFound, NoticeAlreadyPaid, NoticeWithdrawn, NoticeOverdue,
    and Unavailable while the provider does not answer.
    """
    asked: set[UUID] = set()
    for _ in range(PAUSES):
        async with database.begin() as tx:
            notice, due = await _payable(tx, notice_id)
            # In this order: the provider's answer is stored without the notice's lock, and a payment opened between the two reads is seen
            # by the second.
            someone_is_opening = await repository.is_being_opened(tx, notice_id, clock.now() - OPENING, clock.now() + OPENING)
            unasked = next((each for each in await repository.open_payments(tx, notice_id) if each.id not in asked), None)
            if unasked is None and not someone_is_opening:
                intention = await _intend(tx, notice_id, due, return_url)
        if unasked is not None:
            asked.add(unasked.id)
            if await _is_still_open(database, unasked, due):
                return StartedPayment(unasked.provider_payment_id, unasked.next_url, unasked.amount_pence, is_new=False)
        elif someone_is_opening:
            await asyncio.sleep(PAUSE_SECONDS)
        elif not await _finds_earlier(database, notice, intention):
            return await _open(database, notice, intention, due, return_url)
    raise Unavailable("Another payment of this notice is being opened.", retry_after=5)


async def _payable(tx: Transaction, notice_id: UUID) -> tuple[PenaltyNotice, int]:
    """Return the locked notice and what is due today; raise where nothing may be paid."""
    notice, today = await lock_notice(tx, PenaltyNotice, notice_id), clock.today()
    if notice.status == "withdrawn":
        raise NoticeWithdrawn
    due = due_on(notice, await settlement_of(tx, notice), today)
    if notice.status == "paid" or due == 0:
        raise NoticeAlreadyPaid(f"Paid on {notice.paid_on}.", paid_pence=notice.paid_pence)
    if notice.status == "overdue" or (notice.overdue_from and today >= notice.overdue_from):
        raise NoticeOverdue(f"The last day to pay was {notice.final_deadline}.")
    return notice, due


async def _intend(tx: Transaction, notice_id: UUID, amount_pence: int, return_url: str) -> UUID:
    payment_id, now = new_id(), clock.now()
    intended = repository.PaymentRow(
        id=payment_id,
        notice_id=notice_id,
        amount_pence=amount_pence,
        state="intended",
        return_url=return_url,
        created_on=clock.today(),
        created_at=now,
        next_attempt_at=now + EXPECTED,
    )
    await repository.add_payment(tx, intended)
    return payment_id


async def _is_still_open(database: Database, payment: repository.OpenPayment, due: int) -> bool:
    """Return whether an open payment can be completed at the provider and is of the right amount. Another amount is cancelled."""
    found = await pay.read(payment.provider_payment_id)
    if found is not None and not found.state.finished:
        if payment.amount_pence == due:
            return True
        await pay.cancel(payment.provider_payment_id)
        found = await pay.read(payment.provider_payment_id)
    await record_payment(database, payment.notice_id, payment.id, found)
    return False


async def _finds_earlier(database: Database, notice: PenaltyNotice, intention: UUID) -> bool:
    """Return whether the provider has payments of the notice that the database does not know; then they are stored in place of this one."""
    found = True
    try:
        found = await adopt_payments(database, notice.reference)
    finally:
        if found:
            async with database.begin() as tx:
                await repository.store_closed(tx, intention)
    return found


async def _open(database: Database, notice: PenaltyNotice, payment_id: UUID, amount_pence: int, return_url: str) -> StartedPayment:
    try:
        metadata = {"notice_id": str(notice.id), "payment_id": str(payment_id)}
        made = await pay.create(amount_pence, notice.reference, return_url, metadata)
        if made.links.next_url is None:
            raise pay.ProviderRefused("The payment provider gave no address to pay at.")
    except Problem:
        async with database.begin() as tx:
            await repository.store_closed(tx, payment_id)
        raise
    async with database.begin() as tx:
        next_url = made.links.next_url.href
        await repository.store_opened(tx, payment_id, made.payment_id, next_url)
        await repository.reopen_messages(tx, made.payment_id, clock.now())
    return StartedPayment(made.payment_id, next_url, amount_pence, is_new=True)
