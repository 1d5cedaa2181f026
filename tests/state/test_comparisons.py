"""The doctor compares what two services hold: what was lost on the way is named by its id, what is on its way is not."""

import pytest
from sqlalchemy import text

from attendance import comparisons
from attendance.comparisons import COMPARISONS, compare
from services.notifications.app import SERVICE as NOTIFICATIONS
from services.penalties.app import SERVICE as PENALTIES
from services.prosecutions.app import SERVICE as PROSECUTIONS
from services.thresholds.app import SERVICE as THRESHOLDS
from shared.contracts.penalties import NoticeWithdrawn, PaymentOverdue
from shared.database import ALL_ROWS
from shared.settings import settings
from tests.penalties.paying import Provider
from tests.registers.given import a_pupil, a_register, a_school, upn
from tests.state.carrying import Outbox, carry, publish_state
from tests.state.test_cases import apis, evidence, story, today, until_court
from tests.state.test_thresholds import story as of_thresholds

__all__ = ["apis", "evidence", "story", "today"]

MARKS, NOTICES, LETTERS, RUNS, PROOFS, CLOSED, FILES, LEDGER = COMPARISONS


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(comparisons, "PAUSE", 0)
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-12-16")


@pytest.fixture
def provider(monkeypatch):
    made = Provider()
    monkeypatch.setenv("ATTENDANCE_PAY_URL", made.url)
    monkeypatch.setenv("ATTENDANCE_PAY_API_KEY", "api_test_key")
    settings.cache_clear()
    yield made
    made.stop()
    settings.cache_clear()


async def two_children(api):
    """Return the ids of two children who were absent, the second late by more and more minutes."""
    await a_school(api)
    ids = [(await a_pupil(api, number))["id"] for number in (1, 2)]
    await a_register(api, (1, "O"), (2, "U"))
    await a_register(api, {"upn": upn(2), "code": "U", "minutes_late": 40})
    return ids


async def test_marks_that_thresholds_lacks_are_named_by_the_pupil_and_healed_by_the_command_that_is_named(
    registers, registers_api, thresholds, services
):
    outbox = Outbox(registers)
    one, _ = await two_children(registers_api)
    await carry(await outbox.take(), thresholds, THRESHOLDS)
    clean = await compare(services, MARKS, full=True)
    await a_register(registers_api, (1, "G"), day="2026-09-11")
    await outbox.take()

    found = await compare(services, MARKS, full=True)
    sampled = await compare(services, MARKS, full=False)
    await publish_state(registers_api, pupil_id=one)
    await carry(await outbox.take(), thresholds, THRESHOLDS)

    assert clean is None
    assert found is not None
    assert found.startswith(f"1 of 2 differ, such as {one}: ")
    assert f"--state registers --pupil {one}" in found
    assert sampled is not None
    assert one in sampled
    assert upn(1) not in found
    assert await compare(services, MARKS, full=True) is None


async def test_marks_of_days_before_the_roll_as_it_now_stands_and_of_saturdays_are_no_difference(
    registers, registers_api, thresholds, services
):
    outbox = Outbox(registers)
    await two_children(registers_api)
    await a_register(registers_api, (2, "O"), day="2026-09-12")
    await a_pupil(registers_api, 1, admitted_on="2026-09-14")
    await carry(await outbox.take(), thresholds, THRESHOLDS)

    assert await compare(services, MARKS, full=True) is None


async def test_a_mark_whose_event_is_on_its_way_is_no_difference(registers, registers_api, thresholds, services):
    outbox = Outbox(registers)
    await two_children(registers_api)
    questions = 0

    async def arrives_later():
        nonlocal questions
        questions += 1
        if questions == 3:
            await carry(await outbox.take(), thresholds, THRESHOLDS)

    services.look = arrives_later

    assert await compare(services, MARKS, full=True) is None
    assert questions > 3


async def test_the_services_that_read_every_event_of_a_case_hold_the_same(databases, services, story):
    events, of_court = story
    for service in (THRESHOLDS, NOTIFICATIONS):
        await carry([*events, *of_court], databases[service.name], service)

    assert [await compare(services, each, full=True) for each in (NOTICES, LETTERS, FILES)] == [None, None, None]


async def test_notices_letters_and_files_that_a_service_lacks_are_named(databases, services, apis, evidence, today):
    outbox = Outbox(databases["penalties"])
    await until_court(databases["penalties"], apis[0], today)
    events = await outbox.take()
    overdue = str(next(event.notice_id for event in events if isinstance(event, PaymentOverdue)))
    withdrawn = next(event for event in events if isinstance(event, NoticeWithdrawn))
    carried = [event for event in events if event.name != "payment-overdue" and event is not withdrawn]
    await carry(carried, databases["thresholds"], THRESHOLDS)
    await carry(carried[:-4], databases["notifications"], NOTIFICATIONS)
    await carry(carried, databases["prosecutions"], PROSECUTIONS)

    notices, letters, files = [await compare(services, each, full=True) for each in (NOTICES, LETTERS, FILES)]

    assert notices is not None
    assert notices.startswith(f"1 of 4 differ, such as {withdrawn.notice_id}: ")
    assert letters is not None
    assert "of 4 differ" in letters
    assert "--state penalties" in letters
    assert files is not None
    assert files.startswith(f"1 of 1 differ, such as {overdue}: ")
    await publish_state(apis[0])
    state = await outbox.take()
    for service in (THRESHOLDS, NOTIFICATIONS, PROSECUTIONS):
        await carry(state, databases[service.name], service)
    assert [await compare(services, each, full=True) for each in (NOTICES, LETTERS, FILES)] == [None, None, None]


async def test_runs_that_penalties_has_not_read_are_named_and_healed(thresholds, thresholds_api, penalties, services):
    outbox, events = await of_thresholds(thresholds)
    last = [event for event in events if event.name == "threshold-met"][-1]
    await carry([event for event in events if event is not last], penalties, PENALTIES)

    found = await compare(services, RUNS, full=True)
    await publish_state(thresholds_api)
    await carry(await outbox.take(), penalties, PENALTIES)

    assert found is not None
    assert str(last.run_id) in found
    assert "--state thresholds" in found
    assert await compare(services, RUNS, full=True) is None


async def test_closed_cases_that_thresholds_has_not_read_are_named_and_healed(databases, services, apis, story):
    events, _ = story
    outbox = Outbox(databases["penalties"])
    await outbox.take()
    closed = {event.case_id for event in events if event.name == "case-closed"}
    await carry([event for event in events if event.name != "case-closed"], databases["thresholds"], THRESHOLDS)

    found = await compare(services, CLOSED, full=True)
    await publish_state(apis[0])
    await carry(await outbox.take(), databases["thresholds"], THRESHOLDS)

    assert closed
    assert found is not None
    assert found.startswith(f"{len(closed)} of {len(closed)} differ")
    assert await compare(services, CLOSED, full=True) is None


async def test_proofs_that_penalties_has_not_read_are_named_and_healed(databases, services, notifications_api, story):
    events, _ = story
    issued = [event for event in events if event.name == "notice-issued"]
    await carry(events, databases["notifications"], NOTIFICATIONS)
    assert await compare(services, PROOFS, full=True) is None
    async with databases["notifications"].begin() as tx:
        await tx.execute(
            text("""
                INSERT INTO proofs (id, letter_id, revision, method, posted_on, received_on, evidence, findings, recorded_at)
                SELECT gen_random_uuid(), id, number, 'first-class-post', '2026-09-21', '2026-09-23', '{}', '[]', now()
                FROM letters CROSS JOIN generate_series(1, 2) AS number WHERE about = :about AND kind = notice_kind
            """),
            {"about": issued[0].notice_id},
        )
        await tx.execute(
            text("UPDATE letters SET status = 'served', posted_on = '2026-09-21', received_on = '2026-09-23' WHERE about = :about"),
            {"about": issued[0].notice_id},
        )
    outbox = Outbox(databases["notifications"])
    await outbox.take()

    found = await compare(services, PROOFS, full=True)
    await publish_state(notifications_api)
    await carry(await outbox.take(), databases["penalties"], PENALTIES)

    assert found is not None
    assert found.startswith(f"1 of 4 differ, such as {issued[0].notice_id}: ")
    assert await compare(services, PROOFS, full=True) is None


async def test_a_payment_that_the_provider_took_and_the_ledger_lacks_is_named_by_its_notice(
    penalties, services, apis, evidence, provider, today
):
    await until_court(penalties, apis[0], today)
    async with penalties.visible_to(ALL_ROWS).begin() as tx:
        notice = (await tx.execute(text("SELECT id, reference FROM penalty_notices WHERE status = 'overdue'"))).one()
        payment = (await tx.execute(text("SELECT id, provider_payment_id, amount_pence FROM payments"))).one()
    opened_for = {"notice_id": str(notice.id), "payment_id": str(payment.id)}
    taken = {"payment_id": payment.provider_payment_id, "amount": payment.amount_pence, "reference": notice.reference}
    provider.payments[payment.provider_payment_id] = {**taken, "metadata": opened_for}
    provider.becomes(payment.provider_payment_id, "success")
    clean = await compare(services, LEDGER, full=True)
    unknown = provider.add(3000)
    provider.payments[unknown] |= {"reference": notice.reference, "metadata": opened_for}
    provider.becomes(unknown, "success")

    found = await compare(services, LEDGER, full=True)

    assert clean is None
    assert found is not None
    assert found.startswith(f"1 of 2 differ, such as {notice.id}: ")
