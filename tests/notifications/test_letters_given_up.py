"""A parked letter that an operator gives up is shown as failed, with who decided that and why, and can be requested again."""

import pytest
from sqlalchemy import text

from services.notifications.app import SERVICE
from services.notifications.use_cases.letters import make, post
from tests.notifications.examples import a_notice_issued, answers
from tests.notifications.test_letters import about, published, work
from tests.notifications.upstreams import PostOffice, Upstreams
from tests.support import deliver

STEPS = {"make": (make, "_compose", "requested"), "post": (post, "_hand_over", "made"), "follow": (post, "_record_proof", "sent")}


async def parked(database, api, upstreams, monkeypatch, step):
    """A letter that failed at a step until it was parked; then what made it fail is put right."""
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    await deliver(database, SERVICE, event)

    async def run(*_):
        raise TypeError

    module, name, status = STEPS[step]
    with monkeypatch.context() as broken:
        broken.setattr(module, name, run)
        for _ in range(4):
            await work(database)
            async with database.begin() as tx:
                await tx.execute(text("UPDATE failed_work SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL"))
                await tx.execute(text("UPDATE letters SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL"))
    (letter,) = await about(api, event)
    (dead,) = (await api.as_("operations").get("/v1/dead-letters")).json()["items"]
    assert (letter["status"], dead["key"]) == (status, letter["id"])
    return event, dead


async def dismiss(api, dead):
    body = {"reason": "The school has moved."}
    return await api.as_("operations", name="O. Perator").post(f"/v1/dead-letters/{dead['id']}/dismissal", body)


@pytest.mark.parametrize("step", STEPS)
async def test_a_parked_letter_that_is_given_up_is_shown_as_failed_and_can_be_requested_again(
    database, api, upstreams: Upstreams, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch, step: str
):
    event, dead = await parked(database, api, upstreams, monkeypatch, step)

    answer = await dismiss(api, dead)
    (letter,) = await about(api, event)
    again = await api.as_("aco", name="Ann Officer").post(f"/v1/letters/{letter['id']}/retries", {"reason": "The address is right now."})
    await work(database)

    assert answer.status_code == 200
    assert (letter["status"], letter["trouble"]) == ("failed", "O. Perator gave it up: The school has moved.")
    assert again.status_code == 201
    assert (await about(api, event))[0]["status"] == "served"
    assert [each.name for each in await published(database)] == ["letter-failed", "notice-served"]


async def test_a_letter_that_was_cancelled_meanwhile_stays_cancelled_when_its_parked_work_is_given_up(
    database, api, upstreams: Upstreams, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
):
    event, dead = await parked(database, api, upstreams, monkeypatch, "make")
    async with database.begin() as tx:
        await tx.execute(text("UPDATE letters SET status = 'cancelled', next_attempt_at = NULL"))

    await dismiss(api, dead)

    assert ((await about(api, event))[0]["status"], await published(database)) == ("cancelled", [])
