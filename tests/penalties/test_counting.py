"""Counting money: on the right day, once, and never both paid and charged."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.penalties.notices.use_cases.settle import settle_notice
from services.penalties.payments.use_cases import webhooks
from shared.contracts.penalties import CaseClosed
from shared.database import Database
from tests.penalties.paying import (
    NOON,
    Provider,
    a_case,
    a_charge,
    a_notice,
    begin,
    message,
    notice_row,
    pay,
    published_payments,
    send,
    stored_messages,
    suspense,
    work,
)
from tests.support import ApiClient, outbox

Today = Callable[[str], None]


async def test_p6_a_payment_after_midnight_counts_on_the_next_day(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    today("2026-09-22")
    dates: dict[str, Any] = {
        "received_on": date(2026, 9, 2),
        "early_deadline": date(2026, 9, 22),
        "final_deadline": date(2026, 9, 29),
        "overdue_from": date(2026, 9, 30),
    }
    notice_id = await a_notice(database, **dates)
    number = await begin(api, notice_id)
    today("2026-09-23")
    provider.becomes(number, "success")
    await send(api, message(number, "2026-09-22T23:10:00Z"))
    await work(database)

    notice = await notice_row(database, notice_id)
    assert (notice.status, notice.paid_pence) == ("served", 8000)
    [event] = await published_payments(database)
    assert (str(event.counted_on), event.due_pence, event.discharged) == ("2026-09-23", 8000, False)


async def test_p7_a_part_payment_is_kept_and_the_rest_discharges(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    today("2026-12-10")
    provider.becomes(number, "success")
    await send(api, message(number, "2026-12-10T09:00:00.000Z"))
    await work(database)
    assert await suspense(api) == [("part-payment", 8000)]

    today("2026-12-15")
    await pay(api, database, provider, notice_id, "2026-12-15T23:30:00.000Z")

    notice = await notice_row(database, notice_id)
    assert (notice.status, notice.paid_pence, notice.revision) == ("paid", 16000, 2)
    assert [(e.due_pence, e.discharged) for e in await published_payments(database)] == [(8000, False), (0, True)]
    assert await suspense(api) == []


async def test_a_day_that_has_not_come_yet_counts_as_today(api: ApiClient, database: Database, provider: Provider) -> None:
    await pay(api, database, provider, await a_notice(database), "2027-03-01T12:00:00.000Z")

    assert [str(event.counted_on) for event in await published_payments(database)] == ["2026-12-08"]


async def test_no_message_dates_a_payment_before_it_was_opened(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    today("2026-12-10")
    await pay(api, database, provider, await a_notice(database), "2026-12-08T12:00:00.000Z")

    assert [(str(event.counted_on), event.paid_pence) for event in await published_payments(database)] == [("2026-12-10", 16000)]


async def test_a_payment_counts_on_the_day_of_its_message_even_if_looked_into_later(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "success")
    await send(api, message(number, NOON))
    today("2026-12-20")
    await work(database)

    assert (await notice_row(database, notice_id)).status == "paid"


async def test_messages_in_the_wrong_order_end_on_the_day_of_payment(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "success")
    today("2026-12-09")
    await send(api, message(number, "2026-12-09T00:30:00.000Z", "card_payment_captured"))
    await work(database)
    assert (await notice_row(database, notice_id)).status == "served"

    await send(api, message(number, "2026-12-08T23:58:00.000Z", "card_payment_succeeded"))
    await work(database)

    notice = await notice_row(database, notice_id)
    assert (notice.status, notice.paid_pence) == ("paid", 8000)
    assert [(e.discharged, e.revision) for e in await published_payments(database)] == [(False, 1), (True, 2)]


async def test_a_payment_that_was_only_begun_dates_no_money(api: ApiClient, database: Database, provider: Provider, today: Today) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "started")
    await send(api, message(number, "2026-12-08T23:50:00.000Z", "card_payment_started"))
    await work(database)
    assert [row.outcome for row in await stored_messages(database)] == ["nothing-to-count"]

    today("2026-12-09")
    provider.becomes(number, "success")
    await send(api, message(number, "2026-12-09T00:10:00.000Z"))
    await work(database)

    assert [str(event.counted_on) for event in await published_payments(database)] == ["2026-12-09"]


async def test_money_paid_twice_is_owed_back(api: ApiClient, database: Database, provider: Provider, today: Today) -> None:
    notice_id, provider.cancels = await a_notice(database), False
    stale = await begin(api, notice_id)
    today("2026-12-09")
    fresh = await begin(api, notice_id)
    for number in (stale, fresh):
        provider.becomes(number, "success")
        await send(api, message(number, "2026-12-09T10:00:00.000Z"))
    await work(database)

    notice = await notice_row(database, notice_id)
    assert (notice.status, notice.paid_pence) == ("paid", 24000)
    assert await suspense(api) == [("overpaid", 8000)]


async def test_money_in_time_still_pays_a_notice_when_its_message_comes_after_the_notice_was_overdue(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    today("2026-12-15")
    number = await begin(api, notice_id)
    provider.becomes(number, "cancelled")
    today("2026-12-16")
    await work(database)
    assert (await notice_row(database, notice_id)).status == "overdue"

    provider.becomes(number, "success")
    await send(api, message(number, "2026-12-15T20:00:00.000Z"))
    await work(database)

    assert (await notice_row(database, notice_id)).status == "paid"
    assert [event.discharged for event in await published_payments(database)] == [True]


async def overdue_then_paid_late(api: ApiClient, database: Database, provider: Provider, today: Today, *, charged: bool) -> UUID:
    notice_id = await a_notice(database)
    today("2026-12-15")
    number = await begin(api, notice_id)
    provider.becomes(number, "cancelled")
    today("2026-12-16")
    await work(database)
    if charged:
        await a_charge(database, notice_id)
    provider.becomes(number, "success")
    await send(api, message(number, "2026-12-16T00:10:00.000Z"))
    await work(database)
    return notice_id


async def test_nobody_is_prosecuted_after_paying_in_full(api: ApiClient, database: Database, provider: Provider, today: Today) -> None:
    notice_id = await overdue_then_paid_late(api, database, provider, today, charged=False)

    notice = await notice_row(database, notice_id)
    assert notice.status == "paid"
    assert notice.findings[-1]["outcome"] == "paid in full after the payment period, accepted [policy]"
    assert [event.discharged for event in await published_payments(database)] == [True]


async def test_money_that_comes_late_after_a_charge_is_owed_back(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await overdue_then_paid_late(api, database, provider, today, charged=True)

    assert (await notice_row(database, notice_id)).status == "overdue"
    assert [event.discharged for event in await published_payments(database)] == [False]
    assert ("charged", 16000) in await suspense(api)


async def test_a_case_closes_when_every_notice_is_paid(api: ApiClient, database: Database, provider: Provider) -> None:
    case = await a_case(database)
    mother, father = await a_notice(database, case, 0), await a_notice(database, case, 1)

    async def closed() -> list[str]:
        async with database.begin() as tx:
            return [event.outcome for event in await outbox(tx) if isinstance(event, CaseClosed)]

    await pay(api, database, provider, mother, NOON)
    assert await closed() == []
    await pay(api, database, provider, father, NOON)
    assert await closed() == ["paid"]


async def test_later_dates_of_a_notice_let_money_that_came_count_in_time(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    today("2026-12-10")
    provider.becomes(number, "success")
    await send(api, message(number, "2026-12-10T09:00:00.000Z"))
    await work(database)
    async with database.begin() as tx:
        await tx.execute(text("UPDATE penalty_notices SET early_deadline = '2026-12-11'"))
        await settle_notice(tx, notice_id)
        await settle_notice(tx, notice_id)

    assert (await notice_row(database, notice_id)).status == "paid"
    assert [event.discharged for event in await published_payments(database)] == [False, True]


async def test_two_workers_count_a_payment_once(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "success")
    for event_type in ("card_payment_succeeded", "card_payment_captured", "card_payment_settled"):
        await send(api, message(number, NOON, event_type))

    await asyncio.gather(*(webhooks.look_into_message(database) for _ in range(3)))

    assert (await notice_row(database, notice_id)).paid_pence == 8000
    assert len(await published_payments(database)) == 1
