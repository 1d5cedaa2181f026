"""Notices that are not paid in time: on the right day, once, and never one that was paid."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from services.penalties.app import SERVICE
from services.penalties.case_file.domain.notices import Contact, ImprovementNotice
from services.penalties.case_file.repository.notices import add_notice
from services.penalties.notices.use_cases.overdue import mark_overdue
from services.penalties.tables.payments import payments
from shared import clock
from shared.contracts.notifications import NoticeServed
from shared.contracts.penalties import NoticeChanged, PaymentOverdue
from shared.database import Database
from shared.ids import new_id
from tests.penalties.paying import UNSERVED, Provider, a_case, a_notice, begin, message, notice_row, pay, send, work
from tests.support import ApiClient, deliver, outbox

Today = Callable[[str], None]


async def overdue_events(database: Database) -> list[PaymentOverdue]:
    async with database.begin() as tx:
        return [event for event in await outbox(tx) if isinstance(event, PaymentOverdue)]


async def changes_of_notices(database: Database) -> list[NoticeChanged]:
    async with database.begin() as tx:
        return [event for event in await outbox(tx) if isinstance(event, NoticeChanged)]


@pytest.mark.parametrize(
    ("day", "status"), [("2026-12-14", "served"), ("2026-12-15", "served"), ("2026-12-16", "overdue"), ("2027-02-01", "overdue")]
)
async def test_a_notice_is_overdue_the_day_after_its_last_day_whatever_ticks_were_missed(
    database: Database, provider: Provider, today: Today, day: str, status: str
) -> None:
    notice_id = await a_notice(database)
    today(day)

    await work(database)

    assert (await notice_row(database, notice_id)).status == status
    assert len(await overdue_events(database)) == (status == "overdue")


def a_later_proof(notice: Any, received_on: date) -> NoticeServed:
    return NoticeServed(
        notice_id=notice.id, pupil_id=notice.pupil_id, letter_id=new_id(), method="first-class-post", posted_on=received_on,
        received_on=received_on, proof_id=new_id(), revision=2,
    )  # fmt: skip


async def test_a_later_receipt_takes_an_overdue_notice_back_until_its_lengthened_time_is_over(
    database: Database, provider: Provider, api: ApiClient, today: Today
) -> None:
    notice_id = await a_notice(database)
    today("2026-12-16")
    await work(database)

    await deliver(database, SERVICE, a_later_proof(await notice_row(database, notice_id), date(2026, 11, 26)))

    notice = await notice_row(database, notice_id)
    assert (notice.status, str(notice.early_deadline), str(notice.final_deadline)) == ("served", "2026-12-16", "2026-12-23")
    assert await begin(api, notice_id)
    today("2026-12-24")
    await work(database)
    assert (await notice_row(database, notice_id)).status == "overdue"
    assert [str(event.served.received_on) for event in await overdue_events(database)] == ["2026-11-18", "2026-11-26"]


async def test_a_later_receipt_that_leaves_no_time_is_published_with_the_overdue_notice(
    database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    today("2026-12-18")
    await work(database)

    await deliver(database, SERVICE, a_later_proof(await notice_row(database, notice_id), date(2026, 11, 19)))

    assert (await notice_row(database, notice_id)).status == "overdue"
    again = (await overdue_events(database))[-1]
    assert (str(again.served.received_on), str(again.overdue_from)) == ("2026-11-19", "2026-12-17")


async def test_an_overdue_notice_is_published_once(database: Database, provider: Provider, today: Today) -> None:
    for _ in range(3):
        await a_notice(database)
    today("2026-12-16")

    marked = await asyncio.gather(mark_overdue(database), mark_overdue(database))

    assert sum(marked) == 3
    assert await mark_overdue(database) == 0
    assert len({event.notice_id for event in await overdue_events(database)}) == len(await overdue_events(database)) == 3


async def test_an_overdue_notice_is_published_with_all_that_a_court_file_needs(
    database: Database, provider: Provider, today: Today
) -> None:
    case = await a_case(database)
    notice_id = await a_notice(database, case)
    warned, other = new_id(), new_id()
    improvement = ImprovementNotice(
        id=warned, parent_id=case.parents[0], case_id=case.case.id, pupil_id=case.case.pupil_id, urn=100401, la_code="881",
        calendar_urn=100401, sessions=(), support_offered="Two meetings.", support_available="Drop-in.", contact=Contact("J. Officer"),
        expected_improvement="None further.", early_grounds=None, issued_on=date(2026, 9, 21), issued_at=clock.now(), issued_by="S. School",
        issued_by_role="school", planned_served_on=date(2026, 9, 23), planned_starts_on=date(2026, 9, 28),
        planned_ends_on=date(2026, 11, 13), method="first-class-post", posted_on=date(2026, 9, 21), served_on=date(2026, 9, 23),
        proof_id=new_id(), starts_on=date(2026, 9, 28), ends_on=date(2026, 11, 13), status="failed", ended_on=date(2026, 11, 16), findings=(),
    )  # fmt: skip
    async with database.begin() as tx:
        await add_notice(tx, improvement)
        await add_notice(tx, replace(improvement, id=other, parent_id=case.parents[1]))
    today("2026-12-16")

    await work(database)

    notice = await notice_row(database, notice_id)
    [event] = await overdue_events(database)
    assert (event.notice_id, event.reference, event.kind, event.parent_id) == (notice_id, notice.reference, notice.kind, case.parents[0])
    assert (event.served.proof_id, str(event.served.posted_on), str(event.served.received_on)) == (
        notice.proof_id,
        "2026-11-16",
        "2026-11-18",
    )
    assert [str(d) for d in (event.early_deadline, event.final_deadline, event.overdue_from)] == ["2026-12-08", "2026-12-15", "2026-12-16"]
    assert [(str(s.date), s.session, s.code, s.version) for s in event.sessions] == [("2026-09-14", "AM", "O", 1)]
    [before] = event.improvement_notices
    assert (before.notice_id, before.outcome, str(before.outcome_on)) == (warned, "failed", "2026-11-16")
    assert before.served is not None
    assert [(d.what, d.by_role) for d in event.decisions] == [
        ("decided: penalty-notice", "school"),
        ("authority agreed: penalty-notice", "aco"),
    ]
    assert [f["outcome"] for f in event.findings if "outcome" in f] == ["not paid within the payment period"]
    assert notice.findings == event.findings


async def test_a_notice_that_was_overdue_by_a_wrong_date_goes_back_with_the_date_and_falls_due_again(
    database: Database, provider: Provider, api: ApiClient, today: Today
) -> None:
    notice_id = await a_notice(database)
    today("2027-01-20")
    await work(database)
    assert (await notice_row(database, notice_id)).status == "overdue"

    today("2026-12-11")
    await work(database)
    await work(database)

    notice = await notice_row(database, notice_id)
    assert (notice.status, notice.findings[-1]["outcome"]) == ("served", "not overdue yet: judged by a date that was wrong")
    [changed] = await changes_of_notices(database)
    assert (changed.status, changed.why, str(changed.final_deadline), changed.due_pence) == ("served", "date", "2026-12-15", 16000)
    assert await begin(api, notice_id)  # the parent may pay
    today("2026-12-16")
    await work(database)
    assert (await notice_row(database, notice_id)).status == "overdue"
    first, second = await overdue_events(database)
    assert [first.revision, changed.revision, second.revision] == [1, 2, 3]


@pytest.mark.parametrize("first", ["payment", "date"])
async def test_a_payment_while_the_date_was_wrong_pays_a_notice_in_either_order(
    api: ApiClient, database: Database, provider: Provider, today: Today, first: str
) -> None:
    notice_id = await a_notice(database)
    today("2026-12-10")
    number = await begin(api, notice_id)
    async with database.begin() as tx:  # an outage of the provider: the payment counts as failed, and succeeds all the same
        await tx.execute(update(payments).values(state="failed"))
    today("2027-01-20")
    await mark_overdue(database)
    assert (await notice_row(database, notice_id)).status == "overdue"
    provider.becomes(number, "success", "2026-12-10T09:00:00.000Z")

    if first == "payment":
        await send(api, message(number, "2026-12-10T09:00:00.000Z"))
        await work(database)
    today("2026-12-11")
    await work(database)
    if first == "date":
        await send(api, message(number, "2026-12-10T09:00:00.000Z"))
        await work(database)

    notice = await notice_row(database, notice_id)
    assert (notice.status, str(notice.paid_on), notice.paid_pence) == ("paid", "2026-12-10", 16000)
    assert len(await changes_of_notices(database)) == (first == "date")


@pytest.mark.parametrize("changes", [{"held": True}, {"status": "paid"}, {"status": "withdrawn"}, UNSERVED])
async def test_a_notice_that_is_held_paid_withdrawn_or_not_served_is_not_overdue(
    database: Database, provider: Provider, today: Today, changes: dict[str, Any]
) -> None:
    await a_notice(database, **changes)
    today("2026-12-20")

    await work(database)

    assert await overdue_events(database) == []


async def test_a_part_payment_does_not_keep_a_notice_from_being_overdue(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    today("2026-12-10")
    provider.becomes(number, "success", "2026-12-10T09:00:00.000Z")
    assert await begin(api, notice_id) != number
    today("2026-12-16")

    await work(database)

    assert [event.paid_pence for event in await overdue_events(database)] == [8000]


async def test_a_notice_that_was_paid_is_never_overdue(api: ApiClient, database: Database, provider: Provider, today: Today) -> None:
    notice_id = await a_notice(database)
    await pay(api, database, provider, notice_id, "2026-12-08T12:00:00.000Z")
    today("2026-12-20")

    await work(database)

    assert (await notice_row(database, notice_id)).status == "paid"
    assert await overdue_events(database) == []


async def test_the_provider_is_asked_first_about_a_payment_whose_message_never_came(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    today("2026-12-15")
    number = await begin(api, notice_id)
    provider.becomes(number, "success", "2026-12-15T22:00:00.000Z")
    today("2026-12-18")

    await mark_overdue(database)
    await work(database)

    notice = await notice_row(database, notice_id)
    assert (notice.status, str(notice.paid_on)) == ("paid", "2026-12-15")
    assert await overdue_events(database) == []


async def test_a_success_that_nothing_dates_counts_from_when_the_payment_was_opened(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    provider.becomes(await begin(api, notice_id), "success")
    today("2026-12-18")

    await work(database)

    assert str((await notice_row(database, notice_id)).paid_on) == "2026-12-08"


@pytest.mark.parametrize("cancels", [True, False])
async def test_a_payment_that_nobody_completed_is_cancelled(
    api: ApiClient, database: Database, provider: Provider, today: Today, cancels: bool
) -> None:
    notice_id, provider.cancels = await a_notice(database), cancels
    number = await begin(api, notice_id)
    today("2026-12-16")

    await work(database)

    assert (provider.payments[number]["state"]["status"] == "cancelled") is cancels
    assert ("POST", f"/v1/payments/{number}/cancel", "Bearer api_test_key") in provider.asked
    assert (await notice_row(database, notice_id)).status == "overdue"


async def test_a_payment_that_the_provider_is_taking_right_now_is_waited_for(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    today("2026-12-15")
    number = await begin(api, notice_id)
    provider.becomes(number, "submitted")
    today("2026-12-16")
    await work(database)
    assert (await notice_row(database, notice_id)).status == "served"

    provider.becomes(number, "success", "2026-12-15T23:59:59.000Z")
    await time_passes(database)
    await work(database)

    assert (await notice_row(database, notice_id)).status == "paid"


async def test_a_provider_that_is_down_delays_an_overdue_notice(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    notice_id = await a_notice(database)
    await begin(api, notice_id)
    today("2026-12-16")
    provider.down = True
    await work(database)
    asked = len(provider.asked)
    await work(database)
    assert len(provider.asked) == asked
    assert (await notice_row(database, notice_id)).status == "served"

    provider.down = False
    await time_passes(database)
    await work(database)

    assert (await notice_row(database, notice_id)).status == "overdue"


async def test_a_lost_message_is_made_up_for_without_waiting_for_the_last_day(
    api: ApiClient, database: Database, provider: Provider
) -> None:
    notice_id = await a_notice(database, await a_case(database, 1))
    provider.becomes(await begin(api, notice_id), "success", "2026-12-08T12:00:00.000Z")
    await work(database)
    assert (await notice_row(database, notice_id)).status == "served"

    await time_passes(database)
    await work(database)

    assert (await notice_row(database, notice_id)).status == "paid"
    async with database.begin() as tx:
        assert [event.name for event in await outbox(tx)] == ["payment-received", "case-closed"]


async def time_passes(database: Database) -> None:
    """Make every payment that waits to be asked about due."""
    async with database.begin() as tx:
        await tx.execute(update(payments).values(next_attempt_at=clock.now() - timedelta(seconds=1)))
