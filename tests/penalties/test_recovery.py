"""Cases, decisions, notices, payments and withdrawals come back from the service's own events: nothing is issued or charged a second time."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.penalties.app import SERVICE
from services.penalties.recovery import recovery
from shared.database import Database
from shared.messaging.comparison import find_missing
from shared.messaging.recovery import NOT_RECOVERED, Recovered, recover
from tests.penalties.chain import Chain, both_sessions
from tests.penalties.paying import NOON, RETURN, Provider, begin, pay, work
from tests.support.kept_log import KeptLog
from tests.support.services import message_of

OWN = (
    "refunds", "payment_messages", "payments", "penalty_notices", "improvement_notices", "holds", "agreements", "decisions", "runs", "matters",
    "case_reviews", "cases", "outbox", "published_positions",
)  # fmt: skip


async def go_back(chain: Chain, log: KeptLog, *before: Any) -> None:
    """Keep what was published, and bring the database back to the day before the case was opened."""
    await log.keep(chain.database)
    await log.publish([message_of(event) for event in before])
    async with chain.database.begin() as tx:
        for table in OWN:
            await tx.execute(text(f"DELETE FROM {table}"))


async def bring_back(database: Database, log: KeptLog) -> Recovered:
    return await recover(database, log, SERVICE.name, recovery(log))


async def issued(chain: Chain, today: Callable[[str], None]) -> tuple[str, list[Any], Any]:
    """A case with a notice to each parent, both served; with the event that opened it."""
    met = chain.met(both_sessions("2026-09-14", "2026-09-18"))
    calendars = [chain.calendar("2025-26"), chain.calendar("2026-27")]
    await chain.deliver(chain.roll(), chain.parents_changed(), *calendars, met)
    case = str((await chain.get(f"/v1/cases?upn={'A881400020401'}", role="manager"))["items"][0]["id"])
    await chain.ask_for_notices(case)
    today("2026-11-16")
    return case, await chain.fine(case), met


async def test_a_case_with_its_notices_and_a_payment_comes_back_as_it_was(
    chain: Chain, provider: Provider, today: Callable[[str], None]
) -> None:
    today("2026-09-21")
    case, notices, met = await issued(chain, today)
    served = [chain.served(notice["id"], "2026-11-16") for notice in notices]
    await chain.deliver(*served)
    today("2026-12-08")
    paid = await pay(chain.api, chain.database, provider, UUID(notices[0]["id"]), NOON)
    before = [await chain.get(f"/v1/penalty-notices/{notice['id']}") for notice in notices]
    log = KeptLog()
    await go_back(chain, log, met)

    done = await bring_back(chain.database, log)
    await chain.deliver(met, *served)

    assert (done.left, done.to_look_at) == ([], [])
    assert await find_missing(chain.database, log, SERVICE.name) == []
    after = [await chain.get(f"/v1/penalty-notices/{notice['id']}") for notice in notices]
    facts = ("id", "reference", "status", "tier", "early_pence", "full_pence", "paid_pence", "due_pence", "sessions", "issued_on")
    dates = ("received_on", "early_deadline", "final_deadline")
    assert [[each[name] for name in (*facts, *dates)] for each in after] == [[each[name] for name in (*facts, *dates)] for each in before]
    assert [each["status"] for each in after] == ["paid", "served"]
    shown = await chain.get(f"/v1/cases/{case}")
    assert {each["reason"] for each in shown["decisions"]} == {NOT_RECOVERED}
    refused = await chain.api.as_("acsa").post(f"/v1/penalty-notices/{notices[0]['id']}/payments", RETURN)
    assert refused.json()["type"] == "/problems/notice-already-paid"
    assert list(provider.payments) == [paid]


async def test_a_notice_that_a_wrong_date_made_overdue_comes_back_as_it_was_taken_back(
    chain: Chain, provider: Provider, today: Callable[[str], None]
) -> None:
    today("2026-09-21")
    _, notices, met = await issued(chain, today)
    served = [chain.served(notice["id"], "2026-11-16") for notice in notices]
    await chain.deliver(*served)
    for day in ("2027-01-10", "2026-12-01"):
        today(day)
        await work(chain.database)
    before = [await chain.get(f"/v1/penalty-notices/{notice['id']}") for notice in notices]
    log = KeptLog()
    await go_back(chain, log, met)

    await bring_back(chain.database, log)
    await chain.deliver(met, *served)

    after = [await chain.get(f"/v1/penalty-notices/{notice['id']}") for notice in notices]
    dates = ("status", "received_on", "early_deadline", "final_deadline")
    assert [[each[name] for name in dates] for each in after] == [[each[name] for name in dates] for each in before]
    assert [each["status"] for each in after] == ["served", "served"]
    assert {event.name for event in await chain.published()} >= {"payment-overdue", "notice-changed"}


async def test_a_second_notice_on_the_same_sessions_is_refused_after_the_first_came_back(
    chain: Chain, provider: Provider, today: Callable[[str], None]
) -> None:
    today("2026-09-21")
    case, _, met = await issued(chain, today)
    log = KeptLog()
    await go_back(chain, log, met)
    await bring_back(chain.database, log)
    await chain.deliver(met)

    await chain.fine(case, expect=409)

    assert [event.name for event in await chain.published()].count("notice-issued") == 2


async def test_a_notice_that_is_brought_back_twice_is_there_once(chain: Chain, provider: Provider, today: Callable[[str], None]) -> None:
    today("2026-09-21")
    _, _, met = await issued(chain, today)
    log = KeptLog()
    await go_back(chain, log, met)

    first, again = await bring_back(chain.database, log), await bring_back(chain.database, log)

    assert (len(first.brought_back), first.left, again.brought_back, again.left) == (5, [], [], [])


async def test_a_withdrawn_notice_and_a_closed_case_come_back(chain: Chain, provider: Provider, today: Callable[[str], None]) -> None:
    today("2026-09-21")
    case, notices, met = await issued(chain, today)
    for notice in notices:
        await chain.post(f"/v1/penalty-notices/{notice['id']}/withdrawal", {"ground": "outside-code", "reason": "It was not his child."})
    log = KeptLog()
    await go_back(chain, log, met)

    done = await bring_back(chain.database, log)

    assert done.left == []
    assert [(await chain.get(f"/v1/penalty-notices/{notice['id']}"))["status"] for notice in notices] == ["withdrawn", "withdrawn"]
    assert (await chain.get(f"/v1/cases/{case}"))["status"] == "closed"


async def test_a_payment_that_was_open_is_found_at_the_provider(chain: Chain, provider: Provider, today: Callable[[str], None]) -> None:
    today("2026-09-21")
    _, notices, met = await issued(chain, today)
    notice_id = UUID(notices[0]["id"])
    number = await begin(chain.api, notice_id)
    provider.becomes(number, "success", "2026-11-16T12:00:00.000Z")
    log = KeptLog()
    await go_back(chain, log, met)

    done = await bring_back(chain.database, log)

    assert done.to_look_at == []
    assert (await chain.get(f"/v1/penalty-notices/{notice_id}"))["status"] == "paid"


async def test_a_case_whose_threshold_is_not_in_the_log_any_more_is_left_with_all_that_rests_on_it(
    chain: Chain, provider: Provider, today: Callable[[str], None]
) -> None:
    today("2026-09-21")
    await issued(chain, today)
    log = KeptLog()
    await go_back(chain, log)

    done = await bring_back(chain.database, log)

    assert done.brought_back == []
    assert {reason for _, reason in done.left} == {"the judgement of its threshold is not in the log any more", "its case is not there"}
    assert len(await find_missing(chain.database, log, SERVICE.name)) == 5
