"""Requests for leave are kept as long as the entries of the register that they explain, and no longer (UK GDPR article 5(1)(e))."""

from services.registers.law import NATIONAL
from services.registers.leave import repository
from services.registers.leave.domain import kept_since
from shared import clock
from shared.database import Database

BATCH_SIZE = 500
"""Requests that one transaction deletes."""


async def delete_leave_requests(database: Database) -> int:
    """Delete requests whose last day and whose decision lie long enough back; return how many."""
    today = clock.today()
    since = kept_since(today, NATIONAL.at("leave_request_years", today).value)
    async with database.begin() as tx:
        return await repository.delete_requests(tx, since, BATCH_SIZE)
