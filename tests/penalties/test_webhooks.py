"""The provider's messages: only the signed ones, none lost, only the provider believed."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from services.penalties.app import SERVICE
from services.penalties.payments.use_cases import webhooks
from services.penalties.tables.payments import payment_messages
from shared import clock
from shared.database import Database
from tests.penalties.paying import (
    NOON,
    Provider,
    a_notice,
    begin,
    message,
    notice_row,
    published_payments,
    send,
    signed,
    stored_messages,
    suspense,
    work,
)
from tests.support import ApiClient, bells

Today = Callable[[str], None]
PATH = "/v1/webhooks/govuk-pay"


async def time_passes(database: Database) -> None:
    """Make every message that waits for its next attempt due."""
    async with database.begin() as tx:
        await tx.execute(update(payment_messages).values(next_attempt_at=clock.now() - timedelta(seconds=1)))


async def test_a_message_that_is_not_signed_is_refused_before_anything_else(api: ApiClient, database: Database, provider: Provider) -> None:
    raw = message("pay1", NOON)
    right = signed(raw)["Pay-Signature"]
    wrong = [{}, {"Pay-Signature": ""}, {"Pay-Signature": right.upper()}, {"Pay-Signature": right[:-1]}, {"Pay-Signature": "é" * 64}]

    for headers in wrong:
        for content in (raw, b"{oops", b"\xff\xfe", b""):
            answer = await api.request("POST", PATH, content=content, headers={k: v.encode() for k, v in headers.items()})  # type: ignore[misc]
            assert (answer.status_code, answer.json()["type"]) == (401, "/problems/signature-invalid")
    assert (await api.as_("manager").request("POST", PATH, content=raw)).status_code == 401
    assert await stored_messages(database) == []


async def test_a_message_that_is_stored_rings_the_job_that_looks_into_it(api: ApiClient, database: Database, provider: Provider) -> None:
    with bells(database, SERVICE) as rung:
        assert await send(api, message("pay1", NOON)) == 200

        assert rung() == {"payment-messages"}


async def test_the_signature_is_over_the_bytes_as_they_came(api: ApiClient, database: Database, provider: Provider) -> None:
    raw = json.dumps(json.loads(message("pay1", NOON)), indent=3).encode() + b"\n"

    assert await send(api, raw) == 200
    assert [row.raw for row in await stored_messages(database)] == [raw]
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
async def test_a_signed_message_that_cannot_be_read_is_refused_as_what_it_is(
    api: ApiClient, database: Database, provider: Provider, raw: bytes, status: int
) -> None:
    answer = await api.post(PATH, content=raw, headers=signed(raw))

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert await stored_messages(database) == []


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
    [event] = await published_payments(database)
    assert (event.payment_id, event.amount_pence, event.due_pence, event.discharged, event.revision) == (number, 8000, 0, True, 1)
    assert [row.outcome for row in await stored_messages(database)] == ["counted", "counted"]


async def test_a_message_is_answered_before_the_provider_is_asked(api: ApiClient, database: Database, provider: Provider) -> None:
    number = await begin(api, await a_notice(database))
    before, provider.down = len(provider.asked), True

    assert await send(api, message(number, NOON)) == 200
    assert len(provider.asked) == before


async def test_a_message_that_was_answered_survives_the_death_of_the_process(
    api: ApiClient, database: Database, provider: Provider
) -> None:
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
        patch.setattr(webhooks, "record_payment", dies)
        with pytest.raises(KeyboardInterrupt):
            await webhooks.look_into_message(database)
    await time_passes(database)
    await work(database)

    assert (await notice_row(database, notice_id)).status == "paid"


async def test_a_message_that_waits_is_looked_into_at_once_when_it_comes_again(
    api: ApiClient, database: Database, provider: Provider
) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    raw = message(number, NOON)
    await send(api, raw)
    await work(database)
    assert (await notice_row(database, notice_id)).paid_pence == 0
    provider.becomes(number, "success")

    await send(api, raw)
    await work(database)

    assert (await notice_row(database, notice_id)).status == "paid"


async def test_the_provider_alone_is_believed_and_no_message(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    await send(api, message(number, NOON))
    await work(database)

    assert (await notice_row(database, notice_id)).paid_pence == 0
    [waiting] = await stored_messages(database)
    assert (waiting.processed_at, waiting.attempts) == (None, 1)

    provider.becomes(number, "success")
    await time_passes(database)
    await work(database)
    assert (await notice_row(database, notice_id)).paid_pence == 8000


async def test_a_message_that_the_provider_never_bears_out_is_left_for_a_person(
    api: ApiClient, database: Database, provider: Provider
) -> None:
    number = await begin(api, await a_notice(database))
    provider.becomes(number, "failed")
    await send(api, message(number, NOON))
    for _ in range(6):
        await work(database)
        await time_passes(database)

    assert [row.outcome for row in await stored_messages(database)] == ["unconfirmed"]
    assert await suspense(api) == [("unconfirmed", 8000)]
    assert await published_payments(database) == []


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


async def test_a_payment_that_is_none_of_ours_is_kept_for_a_person(api: ApiClient, database: Database, provider: Provider) -> None:
    stray = provider.add(4200)
    provider.becomes(stray, "success")

    assert await send(api, message(stray, NOON)) == 200
    assert await send(api, message("nobody-knows-it", NOON)) == 200
    await work(database)

    assert [row.outcome for row in await stored_messages(database)] == ["unknown", "unknown"]
    assert sorted(await suspense(api), key=str) == [("unknown", 4200), ("unknown", None)]
    assert (await api.as_("school", schools=[100401]).get("/v1/suspense")).status_code == 403


async def test_an_event_type_without_a_meaning_here_is_stored_and_the_payment_looked_at(
    api: ApiClient, database: Database, provider: Provider
) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    provider.becomes(number, "success", "2026-12-08T11:59:00.000Z")

    assert await send(api, message(number, "2026-12-10T12:00:00.000Z", "card_payment_settled")) == 200
    await work(database)

    assert [str(event.counted_on) for event in await published_payments(database)] == ["2026-12-08"]


async def test_the_documented_name_of_the_message_id_is_read_too(api: ApiClient, database: Database, provider: Provider) -> None:
    body = json.loads(message("pay1", NOON))
    body["id"] = body.pop("webhook_message_id")

    assert await send(api, json.dumps(body).encode()) == 200
    assert [row.id for row in await stored_messages(database)] == [body["id"]]
