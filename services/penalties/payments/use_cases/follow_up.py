"""Ask the provider how payments went."""

import structlog

from services.penalties.payments.clients import pay
from services.penalties.payments.repository import claim_open_payment, store_attempt, store_closed
from services.penalties.payments.use_cases.record import record_payment
from shared import clock
from shared.database import Database
from shared.jobs import Job, next_attempt
from shared.problems import Problem

log = structlog.get_logger()
CANCELLABLE = ("created", "started")


async def ask_about_open_payment(database: Database) -> int:
    """Ask the provider about one open payment of which no message came in time, or whose notice can no longer be paid.

    The second kind is cancelled, so that nobody pays what is not owed any more; one that the provider is taking at this moment is waited for.
    """
    async with database.begin() as tx:
        payment = await claim_open_payment(tx, clock.now(), clock.today())
        if payment is None:
            return 0
        attempts = payment.attempts + 1
        cancel_requested = payment.cancel_requested or payment.over
        await store_attempt(tx, payment.id, attempts, next_attempt(attempts), cancel_requested=cancel_requested)
    try:
        found = await pay.read(payment.provider_payment_id)
        given_up = payment.over and found is not None and found.state.status in CANCELLABLE
        if given_up:
            await pay.cancel(payment.provider_payment_id)
            found = await pay.read(payment.provider_payment_id)
    except Problem as error:
        log.warning("payment waits", payment_id=payment.provider_payment_id, error=error.type())
        return 1
    await record_payment(database, payment.notice_id, payment.id, found)
    if given_up and found is not None and not found.state.finished:
        # The provider would not cancel it; should it be completed all the same, its message counts.
        async with database.begin() as tx:
            await store_closed(tx, payment.id)
    return 1


JOBS: dict[str, Job] = {"open-payments": ask_about_open_payment}
