"""Opening payments: the right amount on the right day, never twice, never when nothing is owed."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.penalties.payments import repository
from services.penalties.payments.repository import PaymentRow, add_payment
from shared import clock
from shared.database import Database
from shared.ids import new_id
from tests.penalties.paying import RETURN, UNSERVED, Provider, a_notice, begin, notice_row, pay, work
from tests.support import ApiClient, outbox

Today = Callable[[str], None]


def path(notice_id: UUID) -> str:
    return f"/v1/penalty-notices/{notice_id}/payments"


async def test_the_lower_rate_is_charged_on_its_last_day(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)

    answer = await api.as_("aco").post(path(notice_id), RETURN)

    assert answer.status_code == 201
    [(number, asked)] = provider.payments.items()
    assert answer.json() == {"payment_id": number, "next_url": f"{provider.url}/secure/{number}", "amount_pence": 8000}
    notice = await notice_row(database, notice_id)
    assert (asked["amount"], asked["reference"], asked["return_url"]) == (8000, notice.reference, RETURN["return_url"])
    assert asked["metadata"]["notice_id"] == str(notice_id)
    searched = ("GET", f"/v1/payments?reference={notice.reference}&display_size=500", "Bearer api_test_key")
    assert provider.asked == [searched, ("POST", "/v1/payments", "Bearer api_test_key")]


async def test_a_payment_names_no_person_to_the_provider(api: ApiClient, database: Database, provider: Provider) -> None:
    await begin(api, await a_notice(database))

    [asked] = provider.payments.values()
    ours = set(asked) - {"payment_id", "state", "_links"}
    assert ours == {"amount", "reference", "description", "return_url", "metadata"}
    assert set(asked["metadata"]) == {"notice_id", "payment_id"}


@pytest.mark.parametrize(("day", "amount"), [("2026-12-08", 8000), ("2026-12-09", 16000), ("2026-12-15", 16000)])
async def test_the_amount_of_a_payment_is_that_of_the_day(
    api: ApiClient, database: Database, provider: Provider, today: Today, day: str, amount: int
) -> None:
    today(day)

    number = await begin(api, await a_notice(database))

    assert provider.payments[number]["amount"] == amount


async def test_a_notice_that_is_not_served_yet_costs_the_lower_amount(api: ApiClient, database: Database, provider: Provider) -> None:
    number = await begin(api, await a_notice(database, **UNSERVED))

    assert provider.payments[number]["amount"] == 8000


async def test_a_payment_that_is_open_is_returned_again(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    first = await api.as_("aco").post(path(notice_id), RETURN)

    again = await api.as_("manager").post(path(notice_id), RETURN)

    assert (again.status_code, again.json()) == (200, first.json())
    assert len(provider.payments) == 1


async def test_four_requests_at_once_get_one_payment(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)

    numbers = await asyncio.gather(*(begin(api, notice_id) for _ in range(4)))

    assert len(set(numbers)) == len(provider.payments) == 1


async def test_a_payment_opened_while_another_request_looks_for_it_is_the_only_one(
    api: ApiClient, database: Database, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice_id = await a_notice(database)
    number, intended = provider.add(8000), PaymentRow(
        id=new_id(), notice_id=notice_id, amount_pence=8000, state="intended", return_url=RETURN["return_url"], created_on=clock.today(),
        created_at=clock.now(), next_attempt_at=clock.now() + timedelta(minutes=95),
    )  # fmt: skip
    async with database.begin() as tx:
        await add_payment(tx, intended)

    def opening_after(read: Callable[..., Any]) -> Callable[..., Any]:
        async def answer(*arguments: Any) -> Any:
            found = await read(*arguments)
            async with database.begin() as of_the_other_request:
                await repository.store_opened(of_the_other_request, intended.id, number, f"{provider.url}/secure/{number}")
            return found

        return answer

    for name in ("is_being_opened", "open_payments"):
        monkeypatch.setattr(repository, name, opening_after(getattr(repository, name)))

    assert await begin(api, notice_id) == number
    assert len(provider.payments) == 1


async def test_a_payment_that_is_open_for_yesterdays_amount_is_cancelled(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    stale = await begin(api, notice_id)
    today("2026-12-09")

    fresh = await begin(api, notice_id)

    assert provider.payments[stale]["state"]["status"] == "cancelled"
    assert provider.payments[fresh]["amount"] == 16000


async def test_a_payment_that_the_provider_will_not_cancel_does_not_keep_a_parent_from_paying(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id, provider.cancels = await a_notice(database), False
    stale = await begin(api, notice_id)
    today("2026-12-09")

    fresh = await begin(api, notice_id)

    assert fresh != stale
    assert provider.payments[fresh]["amount"] == 16000


@pytest.mark.parametrize("end", ["failed", "cancelled", "error"])
async def test_a_payment_that_ended_without_money_is_followed_by_another(
    api: ApiClient, database: Database, provider: Provider, end: str
) -> None:
    notice_id = await a_notice(database)
    ended = await begin(api, notice_id)
    provider.becomes(ended, end)

    assert await begin(api, notice_id) != ended


async def test_a_payment_that_was_made_without_a_message_is_found(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    provider.becomes(await begin(api, notice_id), "success", "2026-12-08T12:00:00.000Z")

    answer = await api.as_("aco").post(path(notice_id), RETURN)

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/notice-already-paid")
    assert (await notice_row(database, notice_id)).status == "paid"
    assert len(provider.payments) == 1


async def test_a_part_payment_leaves_the_rest_to_pay(api: ApiClient, database: Database, provider: Provider, today: Today) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    today("2026-12-10")
    provider.becomes(number, "success", "2026-12-10T09:00:00.000Z")

    rest = await begin(api, notice_id)

    assert provider.payments[rest]["amount"] == 8000
    notice = await notice_row(database, notice_id)
    assert (notice.status, notice.paid_pence) == ("served", 8000)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"status": "paid", "paid_pence": 8000}, "notice-already-paid"),
        ({"status": "withdrawn"}, "notice-withdrawn"),
        ({"status": "overdue"}, "notice-overdue"),
    ],
)
async def test_no_payment_is_opened_when_nothing_may_be_paid(
    api: ApiClient, database: Database, provider: Provider, changes: dict[str, Any], refusal: str
) -> None:
    notice_id = await a_notice(database, **changes)

    answer = await api.as_("aco").post(path(notice_id), RETURN)

    assert (answer.status_code, answer.json()["type"]) == (409, f"/problems/{refusal}")
    assert provider.asked == []


async def test_the_time_to_pay_is_over_the_day_after_the_last_even_if_the_notice_is_not_marked_yet(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    today("2026-12-16")

    answer = await api.as_("aco").post(path(notice_id), RETURN)

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/notice-overdue")


async def test_a_provider_that_is_down_is_reported_and_harms_nothing(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id, provider.down = await a_notice(database), True

    answer = await api.as_("aco").post(path(notice_id), RETURN)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    provider.down = False
    assert provider.payments[await begin(api, notice_id)]["amount"] == 8000


async def test_a_payment_that_a_dead_process_had_begun_stops_nobody(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id, then = await a_notice(database), clock.now() - timedelta(minutes=1)
    intended = PaymentRow(
        id=new_id(), notice_id=notice_id, amount_pence=8000, state="intended", return_url=RETURN["return_url"], created_on=clock.today(),
        created_at=then, next_attempt_at=then,
    )  # fmt: skip
    async with database.begin() as tx:
        await add_payment(tx, intended)

    assert await begin(api, notice_id) in provider.payments


async def test_a_payment_is_opened_only_by_those_who_may(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    statuses = {
        role: (await api.as_(role, schools=[100401]).post(path(notice_id), RETURN)).status_code
        for role in ("aco", "manager", "business-support", "accredited", "acsa", "school", "mis", "operations")
    }

    assert {role for role, status in statuses.items() if status in {200, 201}} == {
        "aco",
        "manager",
        "business-support",
        "acsa",
    }  # an accredited person, where the case was referred to them
    assert {status for status in statuses.values() if status > 201} == {403}
    assert (await api.post(path(notice_id), RETURN)).status_code == 401
    assert (await api.as_("aco", la_code="935").post(path(notice_id), RETURN)).status_code == 403
    assert (await api.as_("aco", la_code="881").post(path(notice_id), RETURN)).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://attendance.example.gov.uk/x",
        "ftp://127.0.0.1/x",
        "https://",
        "nonsense",
        "https://a b",
        "https://u:p@example.org",
        "javascript:1",
    ],
)
async def test_an_address_to_return_to_is_https(api: ApiClient, database: Database, provider: Provider, url: str) -> None:
    answer = await api.as_("aco").post(path(await a_notice(database)), {"return_url": url})

    assert answer.status_code == 422


async def test_the_embedded_defaults_own_console_may_be_returned_to(api: ApiClient, database: Database, provider: Provider) -> None:
    answer = await api.as_("aco").post(path(await a_notice(database)), {"return_url": "http://127.0.0.1:8000/paid"})

    assert answer.status_code == 201


async def test_a_payment_of_a_notice_that_does_not_exist_is_refused(api: ApiClient, database: Database, provider: Provider) -> None:
    assert (await api.as_("aco").post(path(new_id()), {})).status_code == 422
    assert (await api.as_("aco").post(path(new_id()), RETURN)).status_code == 404
    assert (await api.as_("aco").post("/v1/penalty-notices/none/payments", RETURN)).status_code == 422


async def test_a_payment_is_not_published_before_money_came_in(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    await begin(api, notice_id)
    await work(database)

    async with database.begin() as tx:
        assert await outbox(tx) == []


async def test_a_paid_notice_has_no_further_payment_opened(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    await pay(api, database, provider, notice_id, "2026-12-08T12:00:00.000Z")

    answer = await api.as_("aco").post(path(notice_id), RETURN)

    assert (answer.status_code, answer.json()["paid_pence"]) == (409, 8000)
