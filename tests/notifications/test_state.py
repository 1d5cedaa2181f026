"""What notifications holds, published again: proofs with their revisions, and letters that came back."""

from sqlalchemy import text

from services.notifications.app import SERVICE
from services.notifications.use_cases.letters import returns
from tests.notifications.examples import a_notice_issued, answers
from tests.notifications.test_letters import work
from tests.notifications.upstreams import PostOffice, Upstreams
from tests.state.carrying import Outbox, content, publish_state
from tests.support import deliver


async def test_the_state_of_notifications_is_what_it_published_and_changes_no_letter(
    database, api, upstreams: Upstreams, post_office: PostOffice
):
    kept, returned, waiting = a_notice_issued(), a_notice_issued(), a_notice_issued()
    upstreams.answers |= answers(kept) | answers(returned) | answers(waiting)
    await deliver(database, SERVICE, kept, returned)
    await work(database)
    async with database.begin() as tx:
        found = await tx.execute(text("SELECT provider_id FROM letters WHERE about = :about"), {"about": returned.notice_id})
        await returns.record_return(tx, found.scalar_one())
    await deliver(database, SERVICE, waiting)
    outbox = Outbox(database)
    events, before = await outbox.take(), await content(database, SERVICE)

    await publish_state(api)
    state = await outbox.take()
    of_one = await publish_state(api, pupil_id=str(kept.pupil_id))

    assert sorted(map(str, state)) == sorted(map(str, events))
    assert [event.name for event in state if str(returned.pupil_id) == event.key] == ["notice-served", "letter-returned"]
    assert (of_one, await content(database, SERVICE)) == (1, before)
