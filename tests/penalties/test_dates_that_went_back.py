"""Payments that were begun, taken or reported while the clock was ahead: they are asked about, and their money counts on its day."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from services.penalties.improvement.use_cases.periods import judge_periods_again
from shared.database import Database
from tests.penalties.chain import Chain
from tests.penalties.paying import Provider, a_notice, begin, message, notice_row, send, work
from tests.support import ApiClient

Today = Callable[[str], None]


async def store(database: Database, statement: str) -> None:
    async with database.begin() as tx:
        await tx.execute(text(statement))


@pytest.mark.parametrize("columns", ["received_at next_attempt_at", "next_attempt_at"])
async def test_a_message_about_a_payment_that_came_while_the_clock_was_ahead_is_looked_into(
    api: ApiClient, database: Database, provider: Provider, columns: str
) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "success", "2026-12-08T12:00:00.000Z")
    await send(api, message(number, "2026-12-08T12:00:00.000Z"))
    ahead = ", ".join(f"{each} = now() + interval '40 days'" for each in columns.split())
    await store(database, f"UPDATE payment_messages SET {ahead}")

    await work(database)

    assert (await notice_row(database, notice_id)).status == "paid"


async def test_a_payment_that_was_begun_while_the_clock_was_ahead_is_asked_about(
    api: ApiClient, database: Database, provider: Provider
) -> None:
    notice_id = await a_notice(database)
    provider.becomes(await begin(api, notice_id), "success", "2026-12-08T12:00:00.000Z")
    await store(database, "UPDATE payments SET created_at = now() + interval '40 days', next_attempt_at = now() + interval '40 days'")

    await work(database)

    assert (await notice_row(database, notice_id)).status == "paid"


async def test_a_payment_that_was_intended_while_the_clock_was_ahead_keeps_no_other_from_being_opened(
    api: ApiClient, database: Database, provider: Provider
) -> None:
    notice_id = await a_notice(database)
    await begin(api, notice_id)
    await store(
        database,
        "UPDATE payments SET state = 'intended', provider_payment_id = NULL, next_url = NULL, created_at = now() + interval '40 days'",
    )

    assert await begin(api, notice_id)


@pytest.mark.parametrize("opened", [None, "2026-12-08T11:59:00.000Z"])
async def test_money_of_a_payment_that_was_begun_while_the_date_was_ahead_counts_on_its_own_day(
    api: ApiClient, database: Database, provider: Provider, today: Today, opened: str | None
) -> None:
    notice_id = await a_notice(database)
    today("2026-12-15")
    number = await begin(api, notice_id)
    today("2026-12-08")
    provider.payments[number]["created_date"] = opened
    provider.becomes(number, "success", "2026-12-08T12:00:00.000Z")

    await send(api, message(number, "2026-12-08T12:00:00.000Z"))
    await work(database)

    notice = await notice_row(database, notice_id)
    assert (notice.status, str(notice.paid_on)) == ("paid", "2026-12-08")


async def test_money_that_was_counted_while_the_date_was_ahead_counts_on_its_own_day_when_the_date_is_right(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    today("2026-12-15")
    number = await begin(api, notice_id)
    provider.payments[number]["created_date"] = "2026-12-08T11:59:00.000Z"
    provider.becomes(number, "success")
    await store(database, "UPDATE payments SET next_attempt_at = now()")
    await work(database)
    await store(database, "UPDATE payments SET created_on = '2026-12-15', counted_on = '2026-12-15', next_attempt_at = now()")

    today("2026-12-09")
    await work(database)

    async with database.begin() as tx:
        assert str((await tx.execute(text("SELECT counted_on FROM payments"))).scalar()) == "2026-12-08"
    assert str((await notice_row(database, notice_id)).paid_on) == "2026-12-08"


@pytest.mark.parametrize("event", ["calendar", "serving"])
async def test_a_period_taken_for_over_by_a_wrong_date_follows_its_calendar_again(
    chain: Chain, database: Database, today: Today, event: str
) -> None:
    case_id = await chain.opened()
    first, second = await chain.warn(case_id, 0, 1)
    await chain.deliver(chain.served(first, "2026-09-21"))
    snow = tuple(f"2026-10-{day:02}" for day in range(12, 17))
    if event == "calendar":
        await chain.deliver(chain.served(second, "2026-09-21"))
    today("2026-12-20")
    if event == "calendar":
        await chain.deliver(chain.calendar(closed=snow, revision=2))
    else:
        await chain.deliver(chain.served(second, "2026-09-28"))

    today("2026-10-20")
    while await judge_periods_again(database):
        pass

    ends = [(await chain.get(f"/v1/notices-to-improve/{notice}"))["ends_on"] for notice in (first, second)]
    assert ends == ["2026-11-20"] * 2
