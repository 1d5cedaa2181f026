"""What became of a notice in court: its letters show it, and a notice that demands nothing any more is not sent."""

from typing import Any

import pytest

from services.notifications.app import SERVICE
from shared.contracts.event import Event
from shared.contracts.penalties import NoticeIssued
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.ids import new_id
from tests.notifications.examples import a_notice_issued, a_payment, answers
from tests.notifications.test_letters import about, work
from tests.notifications.upstreams import PostOffice, Upstreams
from tests.support import deliver


class CourtFile:
    """A court file on a notice, as its events bring it."""

    def __init__(self, notice: NoticeIssued) -> None:
        ids = {"file_id": new_id(), "case_id": notice.case_id, "pupil_id": notice.pupil_id, "parent_id": notice.parent_id}
        self.ids: dict[str, Any] = {**ids, "notice_ids": [notice.notice_id]}
        self.sessions = [each.model_dump() for each in notice.sessions]

    def opened(self) -> Event:
        limits = {"safe_limit": "2027-03-14", "outer_limit": "2027-03-18", "opened_on": "2026-12-16"}
        return ProsecutionFileOpened.model_validate({**self.ids, **limits, "offence": "s444", "sessions": self.sessions})

    def charged(self) -> Event:
        return ProsecutionCharged.model_validate({**self.ids, "sessions": self.sessions, "charged_on": "2027-01-11"})

    def concluded(self) -> Event:
        verdict = {"outcome": "guilty-plea", "acquitted": False, "concluded_on": "2027-02-15"}
        return ProsecutionConcluded.model_validate({**self.ids, **verdict})

    def withdrawn(self, reason: str) -> Event:
        return ProsecutionWithdrawn.model_validate({**self.ids, "reason": reason, "withdrawn_on": "2027-01-12"})


def a_notice() -> NoticeIssued:
    return a_notice_issued(kind="penalty-notice", reference="PN-7K3M-9QXD")


async def shown(api, notice: NoticeIssued) -> list[tuple[str, str, str | None]]:
    """Return how far the court files of a notice have come, as its letter shows them."""
    (letter, *_) = await about(api, notice)
    files = (await api.as_("aco").get(f"/v1/letters/{letter['id']}")).json()["court_files"]
    return [(each["status"], each["since"], each["outcome"]) for each in files]


async def test_a_letter_shows_what_became_of_its_notice_in_court(database, api):
    notice = a_notice()
    file = CourtFile(notice)
    await deliver(database, SERVICE, notice)
    seen = []

    for event in (file.opened(), file.charged(), file.concluded()):
        await deliver(database, SERVICE, event)
        seen += await shown(api, notice)

    assert seen == [("opened", "2026-12-16", None), ("charged", "2027-01-11", None), ("concluded", "2027-02-15", "guilty-plea")]


async def test_an_earlier_state_that_arrives_late_changes_nothing(database, api):
    notice = a_notice()
    file = CourtFile(notice)

    await deliver(database, SERVICE, notice, file.concluded(), file.charged(), file.opened())

    assert await shown(api, notice) == [("concluded", "2027-02-15", "guilty-plea")]


@pytest.mark.parametrize("late", [False, True])
async def test_a_notice_that_a_court_decided_about_is_not_sent_in_whichever_order_that_arrives(database, api, late):
    notice = a_notice()
    events = [notice, CourtFile(notice).concluded()]

    await deliver(database, SERVICE, *(reversed(events) if late else events))

    assert [each["status"] for each in await about(api, notice)] == ["cancelled"]


@pytest.mark.parametrize(("reason", "status"), [("paid", "cancelled"), ("public-interest", "requested"), ("evidence", "requested")])
async def test_a_notice_whose_file_was_given_up_is_still_sent_unless_it_is_paid(database, api, reason, status):
    notice = a_notice()

    await deliver(database, SERVICE, notice, CourtFile(notice).withdrawn(reason))

    assert [each["status"] for each in await about(api, notice)] == [status]


async def test_a_failed_notice_is_not_asked_for_again_after_a_court_has_decided(
    database, api, upstreams: Upstreams, post_office: PostOffice
):
    notice = a_notice()
    upstreams.answers |= answers(notice, address=None)
    await deliver(database, SERVICE, notice)
    await work(database)
    (letter,) = await about(api, notice)
    await deliver(database, SERVICE, CourtFile(notice).concluded())

    refused = await api.as_("manager", name="Ann Officer").post(f"/v1/letters/{letter['id']}/retries", {"reason": "Here is the address."})

    assert (letter["status"], refused.status_code, refused.json()["type"]) == ("failed", 409, "/problems/notice-ended")


async def test_a_receipt_is_sent_although_a_court_has_decided(database, api):
    notice = a_notice()

    await deliver(database, SERVICE, notice, CourtFile(notice).concluded(), a_payment(notice))

    assert [(each["kind"], each["status"]) for each in await about(api, notice)] == [
        ("penalty-notice", "cancelled"), ("receipt", "requested"),
    ]  # fmt: skip
