"""From the request for a letter to the proof that it was served, over a real database and real sockets."""

import io
from datetime import date
from typing import Any

import pypdf
import pytest
from sqlalchemy import text

from services.notifications.app import SERVICE
from services.notifications.use_cases.letters import make, post
from shared.contracts.event import Event, SessionRef
from shared.contracts.notifications import LetterFailed, LetterReturned, NoticeServed
from shared.contracts.penalties import CaseDecided, NoticeIssued
from shared.contracts.registers import Predecessor, SuccessionChanged
from shared.contracts.thresholds import ThresholdApproaching, ThresholdMet
from shared.database import Database
from shared.ids import new_id
from tests.notifications.examples import UPN, a_notice_issued, a_payment, a_penalty_notice, a_withdrawal, answers
from tests.notifications.upstreams import PostOffice, Upstreams
from tests.support import ApiClient, bells, deliver, outbox


async def work(database: Database) -> None:
    """Do everything that is due."""
    for job in (make.make_letters, post.post_letters, post.follow_letters):
        while await job(database):
            pass


async def make_due(database: Database) -> None:
    """Let the waiting time pass."""
    async with database.begin() as tx:
        await tx.execute(text("UPDATE letters SET next_attempt_at = now() - interval '1 second' WHERE next_attempt_at IS NOT NULL"))


async def published(database: Database) -> list[Event]:
    async with database.begin() as tx:
        return await outbox(tx)


async def about(api: ApiClient, event: NoticeIssued) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.as_("aco").get(f"/v1/letters?about={event.notice_id}")).json()["items"]
    return items


async def test_an_issued_notice_is_made_posted_and_proved_to_be_served(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_notice_issued()
    upstreams.answers |= answers(event)

    await deliver(database, SERVICE, event)
    await work(database)

    (letter,) = await about(api, event)
    assert (letter["status"], letter["posted_on"], letter["received_on"]) == ("served", "2026-09-21", "2026-09-23")
    (served,) = await published(database)
    assert isinstance(served, NoticeServed)
    assert (served.notice_id, served.method, str(served.received_on), served.revision) == (
        event.notice_id,
        "first-class-post",
        "2026-09-23",
        1,
    )
    detail = (await api.as_("aco").get(f"/v1/letters/{letter['id']}")).json()
    assert detail["proofs"][0]["id"] == str(served.proof_id)
    assert detail["proofs"][0]["findings"][0]["outcome"] == "received"
    pdf = await api.as_("aco").get(f"/v1/letters/{letter['id']}.pdf")
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
    assert "Sam Example" in printed
    assert UPN not in printed
    assert "Hidden Lane" not in printed


async def test_each_state_of_a_letter_rings_the_job_that_comes_next(database, upstreams: Upstreams, post_office: PostOffice):
    event = a_notice_issued()
    upstreams.answers |= answers(event)

    with bells(database, SERVICE) as rung:
        await deliver(database, SERVICE, event)
        requested = rung()
        await make.make_letters(database)
        made = rung()
        await post.post_letters(database)
        sent = rung()
        await post.follow_letters(database)
        served = rung()

    assert (requested, made, sent, served) == ({"letters to make"}, {"letters to post"}, {"letters to follow"}, set())


async def test_a_notice_whose_event_arrives_twice_is_one_letter(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_notice_issued()
    upstreams.answers |= answers(event)

    await deliver(database, SERVICE, event, event)
    await work(database)
    await deliver(database, SERVICE, event)
    await work(database)

    assert len(await about(api, event)) == 1
    assert post_office.handed == 1


async def test_a_letter_without_an_address_fails_and_may_be_requested_again_by_a_person(
    database, api, upstreams: Upstreams, post_office: PostOffice
):
    event = a_notice_issued()
    upstreams.answers |= answers(event, address=None)
    await deliver(database, SERVICE, event)
    await work(database)
    (letter,) = await about(api, event)
    (failed,) = await published(database)
    assert letter["status"] == "failed"
    assert isinstance(failed, LetterFailed)
    assert failed.reason == "no-address"

    upstreams.answers |= answers(event)
    asked = await api.as_("manager", name="Ann Officer").post(
        f"/v1/letters/{letter['id']}/retries", {"reason": "The school sent the address."}
    )
    await work(database)

    assert asked.status_code == 201
    assert (await about(api, event))[0]["status"] == "served"
    again = await api.as_("manager", name="Ann Officer").post(f"/v1/letters/{letter['id']}/retries", {"reason": "Once more."})
    assert again.status_code == 409


async def test_a_service_that_is_down_delays_the_letter(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    upstreams.down = True
    await deliver(database, SERVICE, event)
    await work(database)
    (letter,) = await about(api, event)
    assert letter["status"] == "requested"
    assert letter["trouble"]

    upstreams.down = False
    await make_due(database)
    await work(database)

    (letter,) = await about(api, event)
    assert (letter["status"], letter["trouble"]) == ("served", None)


async def test_a_letter_whose_answer_was_lost_is_posted_once(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    post_office.loses_answers = True
    await deliver(database, SERVICE, event)
    await work(database)
    assert (await about(api, event))[0]["status"] == "made"

    post_office.loses_answers = False
    await make_due(database)
    await work(database)

    assert (await about(api, event))[0]["status"] == "served"
    assert post_office.handed == 1


@pytest.mark.parametrize(("status", "then"), [(400, "failed"), (403, "made"), (429, "made"), (500, "made")])
async def test_a_refused_letter_fails_and_a_letter_waits_while_the_printer_has_a_transient_error(
    database, api, upstreams: Upstreams, post_office: PostOffice, status, then
):
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    post_office.status = status

    await deliver(database, SERVICE, event)
    await work(database)

    assert (await about(api, event))[0]["status"] == then
    assert [type(each) for each in await published(database)] == ([LetterFailed] if then == "failed" else [])


async def test_a_withdrawn_notice_that_was_not_sent_is_cancelled_and_its_withdrawal_is_announced(
    database, api, upstreams: Upstreams, post_office: PostOffice
):
    event = a_notice_issued(kind="penalty-notice", reference="PN-7K3M-9QXD")
    upstreams.answers |= answers(event)

    await deliver(database, SERVICE, event)
    await deliver(database, SERVICE, a_withdrawal(event))
    await work(database)

    assert [(each["kind"], each["status"]) for each in await about(api, event)] == [
        ("penalty-notice", "cancelled"),
        ("withdrawal", "served"),
    ]
    assert await published(database) == []


async def test_a_paid_notice_gets_one_receipt_and_no_second_proof_of_serving(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_notice_issued(kind="penalty-notice", reference="PN-7K3M-9QXD")
    upstreams.answers |= answers(event, a_penalty_notice())

    await deliver(database, SERVICE, event)
    await deliver(
        database, SERVICE, a_payment(event, discharged=False, paid_pence=4000), a_payment(event, revision=2), a_payment(event, revision=3)
    )
    await work(database)

    assert [each["kind"] for each in await about(api, event)] == ["penalty-notice", "receipt"]
    assert [type(each) for each in await published(database)] == [NoticeServed]


async def test_a_returned_letter_rebuts_the_presumption_of_receipt_once(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    await deliver(database, SERVICE, event)
    await work(database)
    async with database.begin() as tx:
        provider_id = (await tx.execute(text("SELECT provider_id FROM letters"))).scalar()
    path, body = "/v1/webhooks/govuk-notify/returned-letter", {"notification_id": provider_id, "reference": "x"}

    stranger = await api.post(path, {"nonsense": 1}, headers={"Authorization": "Bearer wrong"})
    malformed = await api.post(path, {"nonsense": 1}, headers={"Authorization": "Bearer callback-token"})
    taken = [await api.post(path, body, headers={"Authorization": "Bearer callback-token"}) for _ in range(2)]

    assert (stranger.status_code, malformed.status_code, [each.status_code for each in taken]) == (401, 422, [200, 200])
    assert (await about(api, event))[0]["status"] == "returned"
    assert [type(each) for each in await published(database)] == [NoticeServed, LetterReturned]


async def test_a_school_reads_only_the_letters_of_its_own_pupils(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    await deliver(database, SERVICE, event)
    (letter,) = await about(api, event)
    own, other = api.as_("school", schools=[100401]), api.as_("school", schools=[100402])

    for path in (f"/v1/letters?about={event.notice_id}", f"/v1/letters/{letter['id']}"):
        assert ((await own.get(path)).status_code, (await other.get(path)).status_code) == (200, 403)
    assert (await own.get(f"/v1/letters/{letter['id']}.pdf")).status_code == 404
    assert (await other.get(f"/v1/letters/{letter['id']}.pdf")).status_code == 403
    assert (await other.get(f"/v1/letters/{new_id()}")).status_code == 403
    assert (await api.as_("aco").get(f"/v1/letters/{new_id()}")).status_code == 404
    assert (await other.get("/v1/letters")).json()["items"] == []
    assert (await api.as_("mis", schools=[100401]).get("/v1/letters")).status_code == 403


async def test_a_school_reads_the_letters_and_messages_of_the_school_that_it_continues(
    database, api, upstreams: Upstreams, post_office: PostOffice
):
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    await deliver(database, SERVICE, event)
    await work(database)
    (letter,) = await about(api, event)
    paths = [
        f"/v1/letters?about={event.notice_id}",
        f"/v1/letters/{letter['id']}",
        f"/v1/letters/{letter['id']}.pdf",
        "/v1/letters?urn=100401",
        "/v1/school-messages?urn=100401",
    ]
    successor = api.as_("school", schools=[100409])

    async def answered() -> list[int]:
        return [(await successor.get(path)).status_code for path in paths]

    before = await answered()
    predecessor = Predecessor(urn=100401, since=date(2026, 10, 1))
    await deliver(database, SERVICE, SuccessionChanged(school=100409, predecessors=(predecessor,), revision=1))

    assert (before, await answered()) == ([403] * 5, [200] * 5)
    assert [each["id"] for each in (await successor.get("/v1/letters")).json()["items"]] == [letter["id"]]
    assert (await api.as_("school", schools=[100402]).get(paths[0])).status_code == 403


async def test_a_school_gets_one_message_of_a_threshold_per_run(database, api):
    sessions = [{"date": "2026-09-14", "session": "AM", "code": "O", "urn": 100401, "version": 1}]
    met = {
        "run_id": new_id(), "revision": 1, "pupil_id": new_id(), "urn": 100401, "la_code": "881", "policy": "essex",
        "met_at": {"date": "2026-09-18", "session": "PM"}, "window": {"from": "2026-09-14", "to": "2026-09-20"}, "weeks": ["2026-09-14"],
        "sessions": sessions, "counting": sessions, "counts": {"O": 1}, "holiday": False, "earliest_time_bar": "2027-03-14", "findings": [],
    }  # fmt: skip

    await deliver(database, SERVICE, ThresholdMet.model_validate(met), ThresholdMet.model_validate({**met, "revision": 2}))

    messages = (await api.as_("school", schools=[100401]).get("/v1/school-messages?urn=100401")).json()["items"]
    assert [(each["kind"], each["about"]) for each in messages] == [("threshold-met", str(met["run_id"]))]
    assert (await api.as_("school", schools=[100402]).get("/v1/school-messages?urn=100401")).status_code == 403


async def test_a_school_gets_a_message_each_time_that_a_pupil_comes_near_the_threshold(database, api):
    near = ThresholdApproaching(
        pupil_id=new_id(), urn=100401, la_code="881", count=6, latest=SessionRef(date=date(2026, 9, 16), session="PM"), revision=1
    )

    await deliver(database, SERVICE, near, near.model_copy(), near.model_copy(update={"revision": 2}))

    messages = (await api.as_("school", schools=[100401]).get("/v1/school-messages?urn=100401")).json()["items"]
    assert [(each["kind"], each["pupil_id"], each["facts"]["count"]) for each in messages] == [
        ("threshold-approaching", str(near.pupil_id), 6)
    ] * 2
    assert messages[0]["facts"]["latest"] == {"date": "2026-09-16", "session": "PM"}


async def test_a_school_gets_messages_of_the_authority_s_decisions_and_none_of_its_own(database, api):
    decided: dict[str, Any] = {
        "case_id": new_id(), "pupil_id": new_id(), "urn": 100401, "la_code": "881", "decided_on": date(2026, 9, 21),
    }  # fmt: skip
    own = CaseDecided(**decided, decision_id=new_id(), stage="decision", decision="penalty-notice", decided_by_role="school")
    answer = {"stage": "agreement", "agreed": False, "recommendation": "neither", "decided_by_role": "aco"}
    declined = CaseDecided(**decided, decision_id=new_id(), **answer)

    await deliver(database, SERVICE, own, declined)

    (message,) = (await api.as_("school", schools=[100401]).get("/v1/school-messages?urn=100401")).json()["items"]
    assert (message["kind"], message["about"], message["pupil_id"]) == ("case-decided", str(declined.decision_id), str(declined.pupil_id))
    assert {name: message["facts"][name] for name in answer} == answer
    assert (message["facts"]["case_id"], message["facts"]["decided_on"]) == (str(declined.case_id), "2026-09-21")


async def test_letters_are_listed_in_pages(database, api):
    for _ in range(3):
        await deliver(database, SERVICE, a_notice_issued())

    first = (await api.as_("manager").get("/v1/letters?limit=2")).json()
    second = (await api.as_("manager").get(f"/v1/letters?limit=2&after={first['next']}")).json()

    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)


async def test_a_notice_that_lacks_a_particular_is_not_printed(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_notice_issued(kind="penalty-notice", reference="PN-7K3M-9QXD")
    incomplete = a_penalty_notice()
    del incomplete["planned_final_deadline"]
    upstreams.answers |= answers(event, incomplete)

    await deliver(database, SERVICE, event)
    await work(database)

    (letter,) = await about(api, event)
    assert (letter["status"], letter["trouble"]) == ("failed", "penalties responded without a usable planned_final_deadline.")
    assert post_office.handed == 0
