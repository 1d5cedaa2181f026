"""An event that asks for letters and was dismissed leaves letters that are shown as not made, by whom and why, and can be requested again."""

import pytest

from services.notifications.app import SERVICE
from shared.messaging import dead_letters
from shared.messaging.outbox import to_message
from tests.notifications.examples import a_notice_issued, a_payment, a_withdrawal, answers
from tests.notifications.test_leave_letters import a_decision
from tests.notifications.test_letters import about, published, work
from tests.notifications.upstreams import PostOffice, Upstreams
from tests.support import deliver

WHY = "O. Perator gave it up: The school has closed."


async def dismissed(database, api, event, body=None):
    """An event that failed for good, and that an operator then gave up."""
    message = to_message("none", type(event).type(), str(event.pupil_id), body or event.model_dump_json().encode())
    async with database.begin() as tx:
        await dead_letters.store(tx, "notifications", message, ValueError())
    (dead,) = (await api.as_("operations").get("/v1/dead-letters")).json()["items"]
    path, reason = f"/v1/dead-letters/{dead['id']}/dismissal", {"reason": "The school has closed."}
    answer = await api.as_("operations", name="O. Perator").post(path, reason)
    assert answer.status_code == 200, answer.text


async def failed(api):
    letters = (await api.as_("aco").get("/v1/letters?status=failed")).json()["items"]
    return sorted((each["kind"], each["trouble"]) for each in letters)


async def test_a_notice_whose_event_was_dismissed_has_a_letter_that_failed_and_can_be_requested_again(
    database, api, upstreams: Upstreams, post_office: PostOffice
):
    event = a_notice_issued()
    upstreams.answers |= answers(event)

    await dismissed(database, api, event)
    (letter,) = await about(api, event)
    await work(database)
    again = await api.as_("aco", name="Ann Officer").post(f"/v1/letters/{letter['id']}/retries", {"reason": "It is to be sent."})
    await work(database)

    assert (letter["status"], letter["trouble"]) == ("failed", WHY)
    assert again.status_code == 201
    assert (await about(api, event))[0]["status"] == "served"
    assert [each.name for each in await published(database)] == ["letter-failed", "notice-served"]


@pytest.mark.parametrize(("make", "kind"), [(a_withdrawal, "withdrawal"), (a_payment, "receipt")])
async def test_a_further_letter_whose_event_was_dismissed_is_shown_as_failed(database, api, make, kind):
    notice = a_notice_issued(kind="penalty-notice")
    await deliver(database, SERVICE, notice)

    await dismissed(database, api, make(notice))

    assert await failed(api) == [(kind, WHY)]
    assert [each.name for each in await published(database)] == []


async def test_letters_about_leave_whose_event_was_dismissed_are_shown_as_failed(database, api):
    event = a_decision()

    await dismissed(database, api, event)

    assert await failed(api) == [("leave-decision", WHY)] * len(event.parent_ids)


async def test_a_letter_that_was_requested_before_goes_on_when_the_same_event_is_dismissed(
    database, api, upstreams: Upstreams, post_office: PostOffice
):
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    await deliver(database, SERVICE, event)
    await work(database)

    await dismissed(database, api, event)

    assert [each["status"] for each in await about(api, event)] == ["served"]


async def test_an_event_that_nobody_can_read_is_dismissed_all_the_same(database, api):
    await dismissed(database, api, a_notice_issued(), b"{}")

    assert await failed(api) == []
