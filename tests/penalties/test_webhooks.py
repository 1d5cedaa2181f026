"""The provider's messages: only the signed ones, none lost, only the provider believed, each payment counted once."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from services.penalties.tables import payment_messages
from services.penalties.use_cases import webhooks
from services.penalties.use_cases.settlement import settle_notice
from shared import clock
from shared.contracts.penalties import CaseClosed, PaymentReceived
from shared.database import Database
from shared.testing import ApiClient, outbox
from tests.penalties.paying import Provider, a_case, a_charge, a_notice, begin, message, notice_row, pay, send, signed, work

Today = Callable[[str], None]
NOON = "2026-12-08T12:00:00.000Z"
PATH = "/v1/webhooks/govuk-pay"


async def said(database: Database) -> list[PaymentReceived]:
    async with database.begin() as tx:
        return [event for event in await outbox(tx) if isinstance(event, PaymentReceived)]


async def messages(database: Database) -> list[Any]:
    async with database.begin() as tx:
        return list((await tx.execute(select(payment_messages).order_by(payment_messages.c.received_at))).all())


async def time_passes(database: Database) -> None:
    """Make every message that waits for its next attempt due."""
    async with database.begin() as tx:
        await tx.execute(update(payment_messages).values(next_attempt_at=clock.now() - timedelta(seconds=1)))


async def suspense(api: ApiClient) -> list[tuple[str, int | None]]:
    answer = await api.as_("acsa").get("/v1/suspense")
    return [(item["kind"], item["amount_pence"]) for item in answer.json()["items"]]


async def test_a_message_that_is_not_signed_is_refused_before_anything_else(api: ApiClient, database: Database, provider: Provider) -> None:
    raw = message("pay1", NOON)
    right = signed(raw)["Pay-Signature"]
    wrong = [{}, {"Pay-Signature": ""}, {"Pay-Signature": right.upper()}, {"Pay-Signature": right[:-1]}, {"Pay-Signature": "é" * 64}]

    for headers in wrong:
        for content in (raw, b"{oops", b"\xff\xfe", b""):
            answer = await api.request("POST", PATH, content=content, headers={k: v.encode() for k, v in headers.items()})  # type: ignore[misc]
            assert (answer.status_code, answer.json()["type"]) == (401, "/problems/signature-invalid")
    assert (await api.as_("manager").request("POST", PATH, content=raw)).status_code == 401
    assert await messages(database) == []


async def test_the_signature_is_over_the_bytes_as_they_came(api: ApiClient, database: Database, provider: Provider) -> None:
    raw = json.dumps(json.loads(message("pay1", NOON)), indent=3).encode() + b"\n"

    assert await send(api, raw) == 200
    assert [row.raw for row in await messages(database)] == [raw]
    other = hmac.new(b"another secret", raw, hashlib.sha256).hexdigest()
    assert (await api.post(PATH, content=raw, headers={"Pay-Signature": other})).status_code == 401


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"\xff\xfe", 400),
        (b"{oops", 422),
        (b"[]", 422),
        (b"{}", 422),
        (message("pay1", "yesterday"), 422),
        (message("pay1", "2026-12-08T12:00:00"), 422),
        (message("", NOON), 422),
        (message("pay\x001", NOON), 422),
        (message("pay1", NOON, webhook_message_id="x" * 300), 422),
    ],
)
async def test_a_signed_message_of_no_use_is_refused_as_what_it_is(
    api: ApiClient, database: Database, provider: Provider, raw: bytes, status: int
) -> None:
    answer = await api.post(PATH, content=raw, headers=signed(raw))

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert await messages(database) == []


async def test_a_payment_in_time_pays_the_notice_once(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "success")
    raw = message(number, NOON)

    assert [await send(api, raw), await send(api, raw)] == [200, 200]
    await work(database)
    await send(api, raw)
    await send(api, message(number, NOON, "card_payment_captured"))
    await work(database)

    notice = await notice_row(database, notice_id)
    assert (notice.status, notice.paid_pence, str(notice.paid_on)) == ("paid", 8000, "2026-12-08")
    assert notice.findings[-1]["outcome"] == "paid within the lower-rate period"
    [event] = await said(database)
    assert (event.payment_id, event.amount_pence, event.due_pence, event.discharged, event.revision) == (number, 8000, 0, True, 1)
    assert [row.outcome for row in await messages(database)] == ["counted", "counted"]


async def test_it_is_answered_before_the_provider_is_asked(api: ApiClient, database: Database, provider: Provider) -> None:
    number = await begin(api, await a_notice(database))
    before, provider.down = len(provider.asked), True

    assert await send(api, message(number, NOON)) == 200
    assert len(provider.asked) == before


async def test_what_was_answered_survives_the_death_of_the_process(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "success")
    await send(api, message(number, NOON))

    reborn = Database(database.engine.url.render_as_string(hide_password=False), pooled=False)
    await work(reborn)
    await reborn.dispose()

    assert (await notice_row(database, notice_id)).status == "paid"


async def test_a_process_that_dies_while_looking_leaves_the_message_for_the_next(
    api: ApiClient, database: Database, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "success")
    await send(api, message(number, NOON))

    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(webhooks, "record_at_provider", dies)
        with pytest.raises(KeyboardInterrupt):
            await webhooks.look_into_message(database)
    await time_passes(database)
    await work(database)

    assert (await notice_row(database, notice_id)).status == "paid"


async def test_only_the_provider_is_believed(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    await send(api, message(number, NOON))
    await work(database)

    assert (await notice_row(database, notice_id)).paid_pence == 0
    [waiting] = await messages(database)
    assert (waiting.processed_at, waiting.attempts) == (None, 1)

    provider.becomes(number, "success")
    await time_passes(database)
    await work(database)
    assert (await notice_row(database, notice_id)).paid_pence == 8000


async def test_what_the_provider_never_bears_out_is_left_for_a_person(api: ApiClient, database: Database, provider: Provider) -> None:
    number = await begin(api, await a_notice(database))
    provider.becomes(number, "failed")
    await send(api, message(number, NOON))
    for _ in range(6):
        await work(database)
        await time_passes(database)

    assert [row.outcome for row in await messages(database)] == ["unconfirmed"]
    assert await suspense(api) == [("unconfirmed", 8000)]
    assert await said(database) == []


async def test_a_message_waits_for_a_provider_that_is_down(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "success")
    provider.down = True
    await send(api, message(number, NOON))
    for _ in range(8):
        await work(database)
        await time_passes(database)
    assert (await notice_row(database, notice_id)).status == "served"

    provider.down = False
    await work(database)

    assert (await notice_row(database, notice_id)).status == "paid"


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
    [event] = await said(database)
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
    assert [(e.due_pence, e.discharged) for e in await said(database)] == [(8000, False), (0, True)]
    assert await suspense(api) == []


async def test_a_day_that_has_not_come_yet_counts_as_today(api: ApiClient, database: Database, provider: Provider) -> None:
    await pay(api, database, provider, await a_notice(database), "2027-03-01T12:00:00.000Z")

    assert [str(event.counted_on) for event in await said(database)] == ["2026-12-08"]


async def test_the_day_is_that_on_which_the_message_came_even_if_it_is_looked_into_later(
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
    assert [(e.discharged, e.revision) for e in await said(database)] == [(False, 1), (True, 2)]


async def test_that_someone_began_to_pay_dates_nothing(api: ApiClient, database: Database, provider: Provider, today: Today) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "started")
    await send(api, message(number, "2026-12-08T23:50:00.000Z", "card_payment_started"))
    await work(database)
    assert [row.outcome for row in await messages(database)] == ["nothing-to-count"]

    today("2026-12-09")
    provider.becomes(number, "success")
    await send(api, message(number, "2026-12-09T00:10:00.000Z"))
    await work(database)

    assert [str(event.counted_on) for event in await said(database)] == ["2026-12-09"]


async def test_a_payment_that_is_none_of_ours_is_kept_for_a_person(api: ApiClient, database: Database, provider: Provider) -> None:
    stray = provider.add(4200)
    provider.becomes(stray, "success")

    assert await send(api, message(stray, NOON)) == 200
    assert await send(api, message("nobody-knows-it", NOON)) == 200
    await work(database)

    assert [row.outcome for row in await messages(database)] == ["unknown", "unknown"]
    assert sorted(await suspense(api), key=str) == [("unknown", 4200), ("unknown", None)]
    assert (await api.as_("school", schools=[100401]).get("/v1/suspense")).status_code == 403


async def test_an_event_type_that_nobody_knows_is_taken_and_the_payment_looked_at(
    api: ApiClient, database: Database, provider: Provider
) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "success", "2026-12-08T11:59:00.000Z")

    assert await send(api, message(number, "2026-12-10T12:00:00.000Z", "card_payment_settled")) == 200
    await work(database)

    assert [str(event.counted_on) for event in await said(database)] == ["2026-12-08"]


async def test_the_docs_name_of_the_message_id_is_taken_too(api: ApiClient, database: Database, provider: Provider) -> None:
    body = json.loads(message("pay1", NOON))
    body["id"] = body.pop("webhook_message_id")

    assert await send(api, json.dumps(body).encode()) == 200
    assert [row.id for row in await messages(database)] == [body["id"]]


async def test_what_is_paid_twice_is_owed_back(api: ApiClient, database: Database, provider: Provider, today: Today) -> None:
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


async def test_money_in_time_that_becomes_known_after_the_notice_was_overdue_still_pays_it(
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
    assert [event.discharged for event in await said(database)] == [True]


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
    assert [event.discharged for event in await said(database)] == [True]


async def test_what_comes_late_after_a_charge_is_owed_back(api: ApiClient, database: Database, provider: Provider, today: Today) -> None:
    notice_id = await overdue_then_paid_late(api, database, provider, today, charged=True)

    assert (await notice_row(database, notice_id)).status == "overdue"
    assert [event.discharged for event in await said(database)] == [False]
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
    assert [event.discharged for event in await said(database)] == [False, True]


async def test_two_workers_count_a_payment_once(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "success")
    for event_type in ("card_payment_succeeded", "card_payment_captured", "card_payment_settled"):
        await send(api, message(number, NOON, event_type))

    await asyncio.gather(*(webhooks.look_into_message(database) for _ in range(3)))

    assert (await notice_row(database, notice_id)).paid_pence == 8000
    assert len(await said(database)) == 1
