"""What becomes of letters when something fails that nobody foresaw: it is stored as failed work, and other letters go on."""

from typing import Any

import pytest
from sqlalchemy import text

from services.notifications.app import SERVICE
from services.notifications.use_cases.letters import make, post
from shared.contracts.notifications import NoticeServed
from tests.notifications.examples import a_notice_issued, a_payment, a_penalty_notice, a_withdrawal, answers
from tests.notifications.test_letters import about, published, work
from tests.notifications.upstreams import PostOffice, Upstreams
from tests.support import deliver


async def test_an_error_of_the_program_is_stored_as_failed_work_and_leaves_the_letter_requested(
    database, api, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
):
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    await deliver(database, SERVICE, event)

    def broken(*_: object) -> None:
        raise TypeError

    monkeypatch.setattr(make, "compose", broken)

    await work(database)

    (letter,) = await about(api, event)
    assert (letter["status"], await published(database)) == ("requested", [])
    async with database.begin() as tx:
        failed = (await tx.execute(text("SELECT job, key, attempts FROM failed_work"))).one()
    assert tuple(failed) == ("letters to make", letter["id"], 1)


@pytest.mark.parametrize("job", ["make", "post", "follow"])
async def test_a_letter_that_meets_an_error_of_the_program_keeps_no_other_letter_waiting(
    database, api, upstreams: Upstreams, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch, job: str
):
    broken, sound = a_notice_issued(), a_notice_issued()
    upstreams.answers |= answers(broken) | answers(sound)
    await deliver(database, SERVICE, broken, sound)
    (first,) = await about(api, broken)

    name = {"make": "_compose", "post": "_hand_over", "follow": "_record_proof"}[job]
    module = make if job == "make" else post
    original = getattr(module, name)

    async def run(*given: Any) -> Any:
        if first["id"] in {str(getattr(each, "id", each)) for each in given}:
            raise TypeError
        return await original(*given)

    monkeypatch.setattr(module, name, run)

    await work(database)

    assert (await about(api, sound))[0]["status"] == "served"
    assert (await about(api, broken))[0]["status"] == {"make": "requested", "post": "made", "follow": "sent"}[job]


async def test_a_further_letter_that_fails_is_not_published_as_a_failed_notice(
    database, api, upstreams: Upstreams, post_office: PostOffice
):
    event = a_notice_issued(kind="penalty-notice", reference="PN-7K3M-9QXD")
    upstreams.answers |= answers(event, a_penalty_notice())
    await deliver(database, SERVICE, event)
    await work(database)
    upstreams.answers |= answers(event, a_penalty_notice(), address=None)

    await deliver(database, SERVICE, a_withdrawal(event), a_payment(event))
    await work(database)

    assert [(each["kind"], each["status"]) for each in await about(api, event)] == [
        ("penalty-notice", "served"), ("withdrawal", "failed"), ("receipt", "failed"),
    ]  # fmt: skip
    assert [type(each) for each in await published(database)] == [NoticeServed]
