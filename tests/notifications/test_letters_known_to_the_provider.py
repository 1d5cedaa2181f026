"""A letter that is requested again, from an old copy of the database, is found at the provider and not posted a second time."""

from sqlalchemy import text

from services.notifications.app import SERVICE
from services.notifications.use_cases.letters import make, post
from shared.database import Database
from tests.notifications.examples import a_notice_issued, a_penalty_notice, answers
from tests.notifications.upstreams import PostOffice, Upstreams
from tests.support import ApiClient, deliver


async def work(database: Database) -> None:
    for job in (make.make_letters, post.post_letters, post.follow_letters):
        while await job(database):
            pass


async def forget_everything(database: Database) -> None:
    """Bring the database back to what it was before the letter was requested."""
    async with database.begin() as tx:
        for table in ("proofs", "letters", "inbox", "outbox"):
            await tx.execute(text(f"DELETE FROM {table}"))


async def letter_of(api: ApiClient, notice_id: object) -> dict[str, object]:
    (letter,) = (await api.as_("aco").get(f"/v1/letters?about={notice_id}")).json()["items"]
    return dict((await api.as_("aco").get(f"/v1/letters/{letter['id']}")).json())


async def test_a_letter_requested_again_from_an_old_copy_is_found_at_the_provider(
    database: Database, api: ApiClient, upstreams: Upstreams, post_office: PostOffice
):
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    await deliver(database, SERVICE, event)
    await work(database)
    before = await letter_of(api, event.notice_id)

    await forget_everything(database)
    await deliver(database, SERVICE, event)
    await work(database)

    after = await letter_of(api, event.notice_id)
    assert post_office.handed == 1
    assert (after["id"], after["status"]) == (before["id"], "served")
    assert [proof["id"] for proof in after["proofs"]] == [proof["id"] for proof in before["proofs"]]  # type: ignore[attr-defined]


async def test_a_letter_found_at_the_provider_keeps_the_file_that_was_posted(
    database: Database, api: ApiClient, upstreams: Upstreams, post_office: PostOffice
):
    event = a_notice_issued(kind="penalty-notice", reference="PN-7K3M-9QXD")
    upstreams.answers |= answers(event, a_penalty_notice())
    await deliver(database, SERVICE, event)
    await work(database)
    letter = await letter_of(api, event.notice_id)
    posted = (await api.as_("aco").get(f"/v1/letters/{letter['id']}.pdf")).content

    await forget_everything(database)
    upstreams.answers |= answers(event, a_penalty_notice(), address=["7 Other Road", "Colchester", "CO1 1AA"])
    await deliver(database, SERVICE, event)
    await work(database)

    assert (await api.as_("aco").get(f"/v1/letters/{letter['id']}.pdf")).content == posted
