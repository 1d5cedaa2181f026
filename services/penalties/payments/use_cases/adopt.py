"""Payments that the provider has and the database does not know.

The process that had opened them died before it stored the provider's answer, or the database went back to a copy that is older than they
are. They are found by the reference of their notice, so that nobody pays twice.
"""

from dataclasses import replace

from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.use_cases.lock import lock_notice
from services.penalties.case_file.use_cases.problems import NoticeNotFound
from services.penalties.money.domain import counted_on
from services.penalties.payments import repository
from services.penalties.payments.clients import pay
from services.penalties.payments.clients.pay import ProviderPayment
from services.penalties.payments.use_cases.provider import record_payment
from shared import clock
from shared.database import Database


async def adopt_payments(database: Database, reference: str) -> bool:
    """Store the payments of a notice that the database does not know, and count their money; return whether there were any.

    Raises Unavailable or ProviderRefused.
    """
    adopted = [await adopt_payment(database, found) for found in await pay.search(reference)]
    return any(adopted)


async def adopt_payment(database: Database, found: ProviderPayment) -> repository.PaymentRow | None:
    """Store a payment that the database does not know, count its money, and return it; None where it is known, over or of another system."""
    ended = found.state.finished and not found.succeeded
    if ended or found.opened_for is None:
        return None
    notice_id, payment_id = found.opened_for
    opened_at = found.created_date or clock.now()
    payment = repository.PaymentRow(
        id=payment_id,
        notice_id=notice_id,
        provider_payment_id=found.payment_id,
        amount_pence=found.amount,
        state="open",
        next_url=found.links.next_url.href if found.links.next_url else found.return_url,
        return_url=found.return_url,
        created_on=counted_on(opened_at, clock.today()),
        created_at=opened_at,
        next_attempt_at=clock.now(),
    )
    async with database.begin() as tx:
        try:
            notice = await lock_notice(tx, PenaltyNotice, notice_id)
        except NoticeNotFound:
            return None
        if notice.reference.lower() != found.reference.lower() or await repository.find_payment(tx, found.payment_id):
            return None
        await repository.add_opened(tx, payment)
        await repository.reopen_messages(tx, found.payment_id, clock.now())
    await record_payment(database, notice_id, payment_id, found)
    return replace(payment, state="success" if found.succeeded else "open")
