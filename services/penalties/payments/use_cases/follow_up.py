"""Ask the provider how payments went."""

import structlog

from services.penalties.payments.clients import pay
from services.penalties.payments.repository import claim_open_payment, update_payment
from services.penalties.payments.use_cases.record import record_payment
from shared import clock
from shared.database import Database
from shared.jobs import Job, next_attempt
from shared.problems import Problem

log = structlog.get_logger()
CANCELLABLE = ("created", "started")


async def ask_about_open_payment(database: Database) -> int:
    """Ask the provider about one open payment that no message told of in time, or whose notice can no longer be paid.

    The second kind is cancelled, so that nobody pays what is not owed any more; one that the provider is taking at this moment is waited for.
    """
    async with database.begin() as tx:
        payment = await claim_open_payment(tx, clock.now(), clock.today())
        if payment is None:
            return 0
        attempts = payment.attempts + 1
        await update_payment(
            tx, payment.id, attempts=attempts, next_attempt_at=next_attempt(attempts), ending=payment.ending or payment.over
        )
    try:
        said = await pay.read(payment.provider_payment_id)
        given_up = payment.over and said is not None and said.state.status in CANCELLABLE
        if given_up:
            await pay.cancel(payment.provider_payment_id)
            said = await pay.read(payment.provider_payment_id)
    except Problem as trouble:
        log.warning("payment waits", payment_id=payment.provider_payment_id, trouble=trouble.type())
        return 1
    await record_payment(database, payment, said)
    if given_up and said is not None and not said.state.finished:
        # The provider would not cancel it; should it be completed all the same, its message counts.
        async with database.begin() as tx:
            await update_payment(tx, payment.id, state="closed")
    return 1


JOBS: dict[str, Job] = {"open-payments": ask_about_open_payment}
