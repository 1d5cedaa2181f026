"""What penalties and prosecutions hold, published again: nobody is written to, charged or made to pay twice, and who missed it has it then."""

from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import insert

from services.notifications.app import SERVICE as NOTIFICATIONS
from services.penalties.app import SERVICE as PENALTIES
from services.penalties.notices.use_cases import overdue
from services.penalties.notices.use_cases.settle import settle_notice
from services.penalties.tables.payments import payments
from services.prosecutions.app import SERVICE as PROSECUTIONS
from services.thresholds.app import SERVICE as THRESHOLDS
from shared import clock
from shared.contracts.penalties import NoticeChanged, NoticeIssued
from shared.ids import new_id
from tests.penalties.chain import Chain, Registers
from tests.prosecutions.officers import answer_all
from tests.state.carrying import Outbox, carry, client_of, content, publish_state

CREATED = {"return_url": "https://example.org/", "state": "success"}


@pytest.fixture
def today(monkeypatch):
    return lambda day: monkeypatch.setenv("ATTENDANCE_TODAY", day)


@pytest.fixture
def evidence(monkeypatch):
    made = Registers()
    monkeypatch.setenv("ATTENDANCE_URL_REGISTERS", made.url)
    monkeypatch.setenv("ATTENDANCE_URL_THRESHOLDS", made.url)
    yield made
    made.stop()


@pytest_asyncio.fixture
async def apis(penalties, prosecutions):
    async with client_of(PENALTIES, penalties) as of_penalties, client_of(PROSECUTIONS, prosecutions) as of_prosecutions:
        yield of_penalties, of_prosecutions


async def pay(database, notice, amount):
    """Let money for a notice have come in at the provider, and settle it."""
    number = f"pay{new_id().hex}"
    times = {"created_on": clock.today(), "counted_on": clock.today(), "created_at": clock.now(), "next_attempt_at": clock.now()}
    async with database.begin() as tx:
        row = {"id": new_id(), "notice_id": UUID(notice), "provider_payment_id": number, "amount_pence": amount, **CREATED, **times}
        await tx.execute(insert(payments).values(row))
        await settle_notice(tx, UUID(notice), number)


async def until_court(database, api, today):
    """One pupil: two Notices to Improve, then a notice that is paid in part and overdue, and one that is withdrawn."""
    today("2026-09-21")
    chain = Chain(database, api)
    case = await chain.opened()
    for notice in await chain.warn(case):
        await chain.deliver(chain.served(notice, "2026-09-21"))
        today("2026-11-16")
        await chain.end(notice)
        today("2026-09-21")
    today("2026-11-16")
    await chain.decide(case, "penalty-notice")
    await chain.agree(case)
    unpaid, withdrawn = await chain.fine(case)
    await chain.deliver(chain.served(unpaid["id"], "2026-11-16"), chain.served(withdrawn["id"], "2026-11-16"))
    await pay(database, unpaid["id"], 5000)
    await chain.post(f"/v1/penalty-notices/{withdrawn['id']}/withdrawal", {"ground": "material-error", "reason": "The wrong dates."})
    today("2026-12-16")
    await overdue.mark_overdue(database)
    return chain


async def closed_without_action(database, api, today):
    """Another pupil, whose case was closed."""
    today("2026-09-21")
    chain = Chain(database, api)
    await chain.deliver(chain.roll(upn="A881400020419"), chain.parents_changed(), chain.met())
    (case,) = (await api.as_("manager").get("/v1/cases?upn=A881400020419")).json()["items"]
    await chain.decide(case["id"], "no-action")


async def referred(database, api, today):
    """A third pupil, whom the authority refers to court without a notice."""
    today("2026-09-21")
    chain = Chain(database, api)
    await chain.deliver(chain.roll(upn="A881400020427"), chain.parents_changed(), chain.met())
    (case,) = (await api.as_("manager").get("/v1/cases?upn=A881400020427")).json()["items"]
    await chain.decide(case["id"], "prosecution", 0, no_improvement_notice_reason="It would achieve nothing.")
    await chain.agree(case["id"], "prosecution")


@pytest.fixture
async def story(penalties, prosecutions, apis, evidence, today):
    """The events of penalties and of prosecutions, where one file was charged and decided, and another one given up."""
    of_penalties, of_prosecutions = apis
    decided, filed = Outbox(penalties), Outbox(prosecutions)
    await until_court(penalties, of_penalties, today)
    await closed_without_action(penalties, of_penalties, today)
    await referred(penalties, of_penalties, today)
    today("2026-12-16")
    published = await decided.take()
    await carry(published, prosecutions, PROSECUTIONS)
    officer = of_prosecutions.as_("aco", name="Ann Officer")
    charged, given_up = (await officer.get("/v1/files")).json()["items"]
    if not charged["notice_ids"]:
        charged, given_up = given_up, charged
    file = (await officer.get(f"/v1/files/{charged['id']}")).json()
    await answer_all(of_prosecutions, file)
    answer = await officer.post(f"/v1/files/{file['id']}/charge", {"charged_on": "2026-12-16"})
    assert answer.status_code < 300, answer.text
    answer = await officer.post(f"/v1/files/{file['id']}/outcome", {"outcome": "guilty-plea", "orders": [], "concluded_on": "2026-12-16"})
    assert answer.status_code < 300, answer.text
    answer = await officer.post(f"/v1/files/{given_up['id']}/withdrawal", {"ground": "public-interest", "reason": "Not now."})
    assert answer.status_code < 300, answer.text
    of_court = await filed.take()
    await carry(of_court, penalties, PENALTIES)
    return [*published, *await decided.take()], of_court


async def test_the_state_of_penalties_is_what_it_published(penalties, apis, story):
    outbox = Outbox(penalties)
    events, _ = story
    await outbox.take()

    await publish_state(apis[0])

    state = await outbox.take()
    assert {event.name for event in state} == {event.name for event in events}
    originals = [(event.name, event.model_dump(exclude={"findings"})) for event in events]
    assert [event for event in state if (event.name, event.model_dump(exclude={"findings"})) not in originals] == []
    assert any(isinstance(event, NoticeIssued) for event in state)


async def test_the_state_of_prosecutions_is_what_it_published(prosecutions, apis, story):
    outbox = Outbox(prosecutions)
    _, events = story
    await outbox.take()

    await publish_state(apis[1])

    state = await outbox.take()
    assert sorted(map(str, state)) == sorted(map(str, events))


async def test_readers_who_have_cases_and_files_change_nothing_when_these_are_published_again(databases, apis, story):
    penalties, prosecutions = Outbox(databases["penalties"]), Outbox(databases["prosecutions"])
    events, of_court = story
    await penalties.take()
    await prosecutions.take()
    for service in (THRESHOLDS, NOTIFICATIONS):
        await carry([*events, *of_court], databases[service.name], service)
    before = {
        service.name: await content(databases[service.name], service) for service in (THRESHOLDS, NOTIFICATIONS, PENALTIES, PROSECUTIONS)
    }
    for api in apis:
        await publish_state(api)
    state = [*await penalties.take(), *await prosecutions.take()]

    for service in (THRESHOLDS, NOTIFICATIONS, PENALTIES, PROSECUTIONS):
        await carry(state, databases[service.name], service)

        assert await content(databases[service.name], service) == before[service.name], service.name
    assert (await penalties.take(), await prosecutions.take()) == ([], [])


async def test_readers_without_anything_come_by_cases_and_files_to_what_they_would_have(databases, apis, story):
    penalties, prosecutions = Outbox(databases["penalties"]), Outbox(databases["prosecutions"])
    events, of_court = story
    await penalties.take()
    await prosecutions.take()
    for api in apis:
        await publish_state(api)
    state = [*await penalties.take(), *await prosecutions.take()]

    for service in (THRESHOLDS, NOTIFICATIONS):
        reader = databases[service.name]
        await carry(state, reader, service)
        from_state = await content(reader, service)
        await carry([*events, *of_court], reader, service)

        assert await content(reader, service) == from_state, service.name


async def test_a_case_and_a_file_that_know_of_servings_and_returned_letters_change_nothing_by_the_same_again(
    penalties, prosecutions, apis, evidence, today
):
    outbox = Outbox(penalties)
    chain = await until_court(penalties, apis[0], today)
    await carry(await outbox.take(), prosecutions, PROSECUTIONS)
    (overdue_notice,) = [each for each in (await chain.get("/v1/penalty-notices"))["items"] if each["status"] == "overdue"]
    served = chain.served(overdue_notice["id"], "2026-11-16", received_on="2026-12-10", revision=2)
    known = [served, chain.returned(overdue_notice["id"], "2026-12-14")]
    for database, service in ((penalties, PENALTIES), (prosecutions, PROSECUTIONS)):
        await carry(known, database, service)
    await outbox.take()
    before = [await content(penalties, PENALTIES), await content(prosecutions, PROSECUTIONS)]

    for database, service in ((penalties, PENALTIES), (prosecutions, PROSECUTIONS)):
        await carry(known, database, service)

    assert [await content(penalties, PENALTIES), await content(prosecutions, PROSECUTIONS)] == before
    assert await outbox.take() == []


async def test_a_notice_that_was_overdue_too_early_is_published_as_changed_again_and_holds_its_file(
    penalties, prosecutions, apis, evidence, today
):
    of_penalties, of_prosecutions = apis
    outbox = Outbox(penalties)
    await until_court(penalties, of_penalties, today)
    today("2026-12-01")
    await overdue.judge_overdue_again(penalties)
    published = await outbox.take()
    (changed,) = [each for each in published if isinstance(each, NoticeChanged)]
    await carry([each for each in published if each is not changed], prosecutions, PROSECUTIONS)
    (file,) = (await of_prosecutions.as_("aco").get("/v1/files")).json()["items"]
    assert not file["held"]

    await publish_state(of_penalties)
    state = await outbox.take()
    await carry(state, prosecutions, PROSECUTIONS)

    assert [each for each in state if isinstance(each, NoticeChanged)] == [changed]
    (file,) = (await of_prosecutions.as_("aco").get("/v1/files")).json()["items"]
    assert (file["held"], file["status"]) == (True, "draft")
