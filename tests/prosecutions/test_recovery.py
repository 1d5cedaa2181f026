"""Court files come back from the service's own events and those of penalties: nobody is charged twice."""

from typing import Any

import pytest
from sqlalchemy import text

from services.prosecutions.app import SERVICE
from services.prosecutions.recovery import recovery
from shared.contracts.event import Event
from shared.database import Database
from shared.messaging.comparison import find_missing
from shared.messaging.recovery import Recovered, recover
from tests.prosecutions.examples import an_agreement, an_overdue_notice
from tests.prosecutions.officers import answer_all, charged_on, only_file, published
from tests.support import ApiClient, deliver
from tests.support.kept_log import KeptLog
from tests.support.services import message_of

FACTS = ("id", "status", "offence", "parent_id", "notice_ids", "sessions", "safe_limit", "outer_limit", "findings")


async def go_back(database: Database, *of_penalties: Event, files: bool = False) -> KeptLog:
    """Return what was published, and bring the database back to a copy: before the file was opened or, with `files`, right after it."""
    log = KeptLog()
    await log.keep(database)
    await log.publish([message_of(event) for event in of_penalties])
    async with database.begin() as tx:
        if files:
            await tx.execute(
                text("UPDATE files SET status = 'draft', charged_on = NULL, charged_sessions = NULL, ended_on = NULL, outcome = NULL")
            )
            await tx.execute(text("DELETE FROM outbox WHERE type <> 'prosecution-file-opened.v1'"))
        for table in ("gate_answers", "published_positions") if files else ("steps", "gate_answers", "holds", "files", "outbox"):
            await tx.execute(text(f"DELETE FROM {table}"))
    return log


async def bring_back(database: Database, log: KeptLog) -> Recovered:
    return await recover(database, log, SERVICE.name, recovery(log))


async def charged(database: Database, api: ApiClient, *, outcome: str | None = None) -> tuple[Event, dict[str, Any]]:
    """A file on an unpaid notice that was charged and, with an outcome, decided."""
    overdue = an_overdue_notice()
    await deliver(database, SERVICE, overdue)
    await answer_all(api, await only_file(api))
    assert (await charged_on(api, await only_file(api), "2026-12-16")).status_code == 201
    if outcome:
        decided = {"outcome": outcome, "orders": [], "concluded_on": "2026-12-16"}
        file = await only_file(api)
        assert (await api.as_("aco", name="Ann Officer").post(f"/v1/files/{file['id']}/outcome", decided)).status_code == 201
    return overdue, await only_file(api)


@pytest.mark.parametrize("copy", ["before the file", "of the draft"])
@pytest.mark.parametrize("outcome", [None, "guilty-plea"])
async def test_a_charged_file_comes_back_charged_and_is_not_charged_again(database, api, copy, outcome):
    overdue, before = await charged(database, api, outcome=outcome)
    log = await go_back(database, overdue, files=copy == "of the draft")

    done = await bring_back(database, log)
    await deliver(database, SERVICE, overdue)

    assert done.left == []
    assert await find_missing(database, log, SERVICE.name) == []
    after = await only_file(api)
    assert [after[name] for name in FACTS] == [before[name] for name in FACTS]
    assert after["status"] == ("concluded" if outcome else "charged")
    assert after["charged_sessions"] == before["charged_sessions"]
    assert (await charged_on(api, after, "2026-12-16")).status_code == 409
    assert [each.name for each in await published(database)].count("prosecution-charged") == 1


async def test_a_draft_that_comes_back_is_held_until_an_officer_has_looked_at_it(database, api):
    overdue = an_overdue_notice()
    await deliver(database, SERVICE, overdue)
    before = await only_file(api)
    log = await go_back(database, overdue)

    done = await bring_back(database, log)

    after = await only_file(api)
    assert [after[name] for name in FACTS] == [before[name] for name in FACTS]
    assert after["held"]
    assert done.to_look_at == [
        f"file {after['id']}, draft: answers to gates, clearances, orders and bundles since the copy did not come back"
    ]
    officer = api.as_("aco", name="Ann Officer")
    assert (await officer.post(f"/v1/files/{after['id']}/clearances", {"reason": "Looked at."})).status_code == 201
    assert (await bring_back(database, log)).to_look_at == []


async def test_a_draft_of_the_copy_is_held_when_what_came_after_it_comes_back(database, api):
    kept, lost = an_overdue_notice(), an_overdue_notice()
    await deliver(database, SERVICE, kept)
    copy = len(await published(database))
    await deliver(database, SERVICE, lost)
    log = KeptLog()
    await log.keep(database)
    await log.publish([message_of(event) for event in (kept, lost)])
    async with database.begin() as tx:
        await tx.execute(
            text("DELETE FROM steps WHERE file_id IN (SELECT id FROM files WHERE notice_id = :lost)"), {"lost": lost.notice_id}
        )
        await tx.execute(text("DELETE FROM files WHERE notice_id = :lost"), {"lost": lost.notice_id})
        await tx.execute(text("DELETE FROM outbox WHERE position > (SELECT min(position) FROM outbox)"))
    assert copy == 1

    done = await bring_back(database, log)

    assert len(done.to_look_at) == 2
    files = (await api.as_("aco").get("/v1/files")).json()["items"]
    assert [(each["status"], each["held"]) for each in files] == [("draft", True)] * 2


async def test_files_of_a_referral_come_back_to_each_parent(database, api):
    agreed = an_agreement()
    await deliver(database, SERVICE, agreed)
    before = {each["id"]: each["parent_id"] for each in (await api.as_("aco").get("/v1/files")).json()["items"]}
    log = await go_back(database, agreed)

    done = await bring_back(database, log)
    await deliver(database, SERVICE, agreed)

    assert done.left == []
    assert {each["id"]: each["parent_id"] for each in (await api.as_("aco").get("/v1/files")).json()["items"]} == before
    assert len(before) == 2


async def test_a_file_whose_notice_the_log_does_not_hold_stays_missing_until_that_is_published_again(database, api):
    overdue, before = await charged(database, api)
    log = await go_back(database)

    first = await bring_back(database, log)
    await log.publish([message_of(overdue)])
    second = await bring_back(database, log)

    assert [reason.split(":")[0] for _, reason in first.left] == [
        "what it was opened for is not in the log any more",
        "its file is not there",
    ]
    assert (first.brought_back, second.left) == ([], [])
    assert (await only_file(api))["id"] == before["id"]
    assert (await only_file(api))["status"] == "charged"


async def test_a_file_that_is_opened_again_without_being_brought_back_has_the_id_of_the_first(database, api):
    overdue = an_overdue_notice()
    await deliver(database, SERVICE, overdue)
    before = await only_file(api)
    await go_back(database)

    await deliver(database, SERVICE, overdue)

    assert (await only_file(api))["id"] == before["id"]


async def test_a_recovery_that_was_interrupted_goes_on_where_it_was(database, api):
    overdue, before = await charged(database, api, outcome="guilty-plea")
    log = await go_back(database, overdue)
    whole = log.topics["prosecutions"]
    log.topics["prosecutions"] = whole[:1]
    await bring_back(database, log)
    log.topics["prosecutions"] = whole

    done = await bring_back(database, log)

    assert [each.type for each in done.brought_back] == ["prosecution-charged.v1", "prosecution-concluded.v1"]
    after = await only_file(api)
    assert [after[name] for name in FACTS] == [before[name] for name in FACTS]
