"""Due work of penalties is done row by row: what cannot be done keeps nothing else from it, and waits for a person in the end."""

from collections.abc import Callable

from sqlalchemy import text

from shared.database import Database
from tests.penalties.paying import Provider, a_notice, begin, message, notice_row, send, work
from tests.support import ApiClient

Today = Callable[[str], None]


async def spoil(database: Database, notice_id: object) -> None:
    """Store of a notice what no code would: it is served, and nobody knows when it was received."""
    async with database.begin() as tx:
        await tx.execute(text("UPDATE penalty_notices SET posted_on = NULL, proof_id = NULL WHERE id = :id"), {"id": notice_id})


async def test_a_notice_that_cannot_be_marked_overdue_keeps_no_other_from_it(database: Database, provider: Provider, today: Today) -> None:
    first, spoiled, last = [await a_notice(database) for _ in range(3)]
    await spoil(database, spoiled)
    today("2026-12-16")

    await work(database)

    found = [(await notice_row(database, each)).status for each in (first, spoiled, last)]
    assert found == ["overdue", "served", "overdue"]


async def test_a_payment_message_that_cannot_be_looked_into_keeps_no_other_from_it(
    database: Database, api: ApiClient, provider: Provider
) -> None:
    spoiled, paid = [await a_notice(database) for _ in range(2)]
    for notice_id in (spoiled, paid):
        number = await begin(api, notice_id)
        provider.becomes(number, "success")
        assert await send(api, message(number, "2026-12-08T12:00:00.000Z")) == 200
    async with database.begin() as tx:
        await tx.execute(text("UPDATE penalty_notices SET la_code = 'none', sessions = '{}' WHERE id = :id"), {"id": spoiled})

    await work(database)

    assert (await notice_row(database, paid)).status == "paid"
