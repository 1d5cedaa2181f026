"""A payment that an old copy of the database does not know is found at the provider: nobody pays twice, and no money is nobody's."""

from sqlalchemy import delete

from services.penalties.tables.payments import payments
from shared.database import Database
from tests.penalties.paying import (
    NOON,
    RETURN,
    Provider,
    a_notice,
    begin,
    message,
    notice_row,
    published_payments,
    send,
    stored_messages,
    suspense,
    work,
)
from tests.support import ApiClient


async def forget_payments(database: Database) -> None:
    """Bring the payments back to what they were before the first was opened."""
    async with database.begin() as tx:
        await tx.execute(delete(payments))


async def test_a_payment_that_is_open_at_the_provider_is_found_by_an_old_copy(
    api: ApiClient, database: Database, provider: Provider
) -> None:
    notice_id = await a_notice(database)
    first = await begin(api, notice_id)
    await forget_payments(database)

    again = await begin(api, notice_id)

    assert (again, len(provider.payments)) == (first, 1)


async def test_a_parent_who_has_paid_is_not_charged_again_by_an_old_copy(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    provider.becomes(await begin(api, notice_id), "success", NOON)
    await forget_payments(database)

    refused = await api.as_("acsa").post(f"/v1/penalty-notices/{notice_id}/payments", RETURN)

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/notice-already-paid")
    assert len(provider.payments) == 1
    notice = await notice_row(database, notice_id)
    assert (notice.status, notice.paid_pence) == ("paid", 8000)


async def test_money_of_a_payment_that_an_old_copy_does_not_know_counts_when_its_message_comes(
    api: ApiClient, database: Database, provider: Provider
) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    await forget_payments(database)
    provider.becomes(number, "success")

    await send(api, message(number, NOON))
    await work(database)

    assert (await notice_row(database, notice_id)).status == "paid"
    assert len(await published_payments(database)) == 1
    assert [each.outcome for each in await stored_messages(database)] == ["counted"]
    assert await suspense(api) == []


async def test_a_payment_with_the_reference_of_another_notice_is_not_taken_for_this_one(
    api: ApiClient, database: Database, provider: Provider
) -> None:
    mine, other = await a_notice(database), await a_notice(database)
    number = await begin(api, mine)
    provider.payments[number]["metadata"]["notice_id"] = str(other)
    await forget_payments(database)

    again = await begin(api, mine)

    assert again != number
    assert (await notice_row(database, other)).paid_pence == 0


async def test_a_search_without_a_page_of_results_is_one_that_found_nothing(api: ApiClient, database: Database, provider: Provider) -> None:
    provider.no_empty_page = True
    notice_id = await a_notice(database)

    await begin(api, notice_id)

    assert len(provider.payments) == 1
