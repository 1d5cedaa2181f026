"""Letters that were served come back from the service's own events, with their files from the provider: none is posted again."""

from sqlalchemy import text

from services.notifications.app import SERVICE
from services.notifications.recovery import recovery
from services.notifications.use_cases.letters import make, post
from shared.database import Database
from shared.messaging.comparison import find_missing
from shared.messaging.recovery import recover
from tests.notifications.examples import a_notice_issued, answers
from tests.notifications.upstreams import PostOffice, Upstreams
from tests.support import ApiClient, deliver
from tests.support.kept_log import KeptLog
from tests.support.services import message_of

OWN = ("proofs", "letters", "inbox", "outbox", "published_positions")


async def work(database: Database) -> None:
    for job in (make.make_letters, post.post_letters, post.follow_letters):
        while await job(database):
            pass


async def test_a_served_letter_comes_back_with_its_proof_and_file(
    database: Database, api: ApiClient, upstreams: Upstreams, post_office: PostOffice
):
    event, log = a_notice_issued(), KeptLog()
    upstreams.answers |= answers(event)
    await deliver(database, SERVICE, event)
    await work(database)
    (before,) = (await api.as_("aco").get(f"/v1/letters?about={event.notice_id}")).json()["items"]
    file = (await api.as_("aco").get(f"/v1/letters/{before['id']}.pdf")).content
    proofs = (await api.as_("aco").get(f"/v1/letters/{before['id']}")).json()["proofs"]
    await log.keep(database)
    await log.publish([message_of(event)])
    async with database.begin() as tx:
        for table in OWN:
            await tx.execute(text(f"DELETE FROM {table}"))

    done = await recover(database, log, SERVICE.name, recovery(log))
    await deliver(database, SERVICE, event)
    await work(database)

    assert (len(done.brought_back), done.left, done.to_look_at) == (1, [], [])
    assert await find_missing(database, log, SERVICE.name) == []
    after = (await api.as_("aco").get(f"/v1/letters/{before['id']}")).json()
    assert [after[name] for name in ("status", "posted_on", "received_on")] == [
        before[name] for name in ("status", "posted_on", "received_on")
    ]
    assert [(proof["id"], proof["received_on"]) for proof in after["proofs"]] == [(proof["id"], proof["received_on"]) for proof in proofs]
    assert (await api.as_("aco").get(f"/v1/letters/{before['id']}.pdf")).content == file
    assert post_office.handed == 1


async def test_a_letter_that_the_provider_does_not_have_any_more_is_named(
    database: Database, api: ApiClient, upstreams: Upstreams, post_office: PostOffice, monkeypatch
):
    event, log = a_notice_issued(), KeptLog()
    upstreams.answers |= answers(event)
    await deliver(database, SERVICE, event)
    await work(database)
    await log.keep(database)
    await log.publish([message_of(event)])
    async with database.begin() as tx:
        for table in OWN:
            await tx.execute(text(f"DELETE FROM {table}"))

    async def find(_self: object, _reference: str) -> list[object]:
        return []

    monkeypatch.setattr("services.notifications.recovery.Notify.find", find)
    done = await recover(database, log, SERVICE.name, recovery(log))
    await deliver(database, SERVICE, event)
    await work(database)

    assert done.to_look_at == [f"letter {event_letter(log)}: the provider does not have its file any more"]
    assert post_office.handed == 1


def event_letter(log: KeptLog) -> str:
    from shared.contracts.notifications import NoticeServed

    return str(NoticeServed.model_validate_json(log.topics["notifications"][0].body).letter_id)
