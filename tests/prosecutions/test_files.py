"""Court files as events open, hold and stop them, over a real database."""

import io
from datetime import date
from typing import Any

import pypdf
import pytest

from services.prosecutions.app import SERVICE
from shared.contracts.notifications import LetterReturned, NoticeServed
from shared.contracts.penalties import PaymentOverdue
from shared.contracts.prosecutions import ProsecutionFileOpened, ProsecutionWithdrawn
from shared.contracts.registers import RollChanged
from shared.contracts.thresholds import ThresholdWithdrawn
from shared.ids import new_id
from tests.notifications.upstreams import Upstreams
from tests.prosecutions.examples import SESSIONS, a_changed_mark, a_payment, a_withdrawal, an_agreement, an_overdue_notice
from tests.prosecutions.officers import answer_all, charged_on, only_file, published
from tests.support import deliver


async def test_an_unpaid_notice_opens_one_file_however_often_its_event_arrives(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, overdue, overdue)
    await deliver(database, SERVICE, overdue)

    file = await only_file(api)
    assert (file["offence"], file["status"], file["notice_ids"]) == ("s444", "draft", [str(overdue.notice_id)])
    assert (len(file["sessions"]), file["safe_limit"], file["outer_limit"]) == (14, "2027-03-14", "2027-04-06")
    assert [each["outcome"] for each in file["findings"]] == ["first", "safe-limit", "outer-limit"]
    assert file["proofs"][0]["proof_id"] == str(overdue.served.proof_id)
    assert all(each["answer"] is None for each in file["gates"])
    (opened,) = await published(database)
    assert isinstance(opened, ProsecutionFileOpened)
    assert str(opened.outer_limit) == "2027-04-06"


async def test_a_chronology_lists_every_step_of_the_case_in_order(database, api):
    await deliver(database, SERVICE, an_overdue_notice())

    steps = (await only_file(api))["chronology"]

    assert [each["on"] for each in steps] == sorted(each["on"] for each in steps)
    steps_taken = [each["what"] for each in steps]
    for step in (
        "First session relied on (AM, code O)",
        "Notice to Improve issued",
        "Notice to Improve received",
        "Improvement period ends",
        "Outcome of the Notice to Improve: failed",
        "Decided: penalty-notice",
        "Penalty notice PN-7K3M-9QXD issued",
        "Penalty notice PN-7K3M-9QXD received",
        "Last day to pay £80",
        "Last day to pay £160",
        "Penalty notice PN-7K3M-9QXD overdue, £0 paid",
        "Draft file opened",
    ):
        assert step in steps_taken


async def test_steps_of_one_day_stand_in_the_only_possible_order(database, api):
    await deliver(database, SERVICE, an_overdue_notice())

    steps = [each["what"] for each in (await only_file(api))["chronology"] if each["on"] == "2026-11-16"]

    assert steps == [
        "Outcome of the Notice to Improve: failed",
        "Decided: penalty-notice",
        "Penalty notice PN-7K3M-9QXD issued",
        "Penalty notice PN-7K3M-9QXD sent (first-class-post)",
    ]


async def test_an_excluded_pupil_notice_leads_to_a_section_103_file(database, api):
    await deliver(database, SERVICE, an_overdue_notice(kind="excluded-pupil-notice", tier="flat"))

    file = await only_file(api)

    assert file["offence"] == "s103"
    assert "exclusion-notice" in [each["id"] for each in file["gates"]]
    assert "supervision-order" not in [each["id"] for each in file["gates"]]


async def test_an_agreed_referral_opens_a_file_for_each_parent(database, api):
    agreed = an_agreement()

    await deliver(database, SERVICE, agreed, an_agreement(agreed=False), an_agreement(recommendation="penalty-notice"), agreed)

    files = (await api.as_("aco").get("/v1/files")).json()["items"]
    assert sorted(each["parent_id"] for each in files) == sorted(str(each) for each in agreed.parent_ids)
    assert [each["notice_ids"] for each in files] == [[], []]


async def test_the_file_of_a_referral_lists_the_earlier_steps_that_concern_its_parent(database, api):
    agreed = an_agreement()
    mother, father = agreed.parent_ids
    warned = an_overdue_notice().improvement_notices[0].model_dump() | {"parent_id": mother}
    decisions = [
        {"on": "2026-09-21", "what": "decided: notice-to-improve", "by_role": "school", "parent_ids": [mother]},
        {"on": "2026-11-17", "what": "decided: prosecution", "by_role": "aco"},
    ]

    await deliver(database, SERVICE, an_agreement(parent_ids=[mother, father], improvement_notices=[warned], decisions=decisions))

    officer = api.as_("aco")
    files = {each["parent_id"]: each["id"] for each in (await officer.get("/v1/files")).json()["items"]}
    hers, his = [(await officer.get(f"/v1/files/{files[str(parent)]}")).json() for parent in (mother, father)]
    assert [each["what"] for each in hers["chronology"]] == [
        "First session relied on (AM, code O)",
        "Decided: notice-to-improve",
        "Notice to Improve issued",
        "Notice to Improve sent (first-class-post)",
        "Notice to Improve received",
        "Improvement period begins",
        "Last session relied on (PM, code O)",
        "Improvement period ends",
        "Outcome of the Notice to Improve: failed",
        "Decided: prosecution",
        "The authority agrees to a prosecution",
        "Draft file opened",
    ]
    assert [each["what"] for each in hers["proofs"]] == ["Notice to Improve"]
    assert "Decided: notice-to-improve" not in [each["what"] for each in his["chronology"]]
    assert his["proofs"] == []


async def test_a_parent_who_pays_after_the_last_day_is_not_prosecuted(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, overdue, a_payment(overdue), a_payment(overdue))

    file = await only_file(api)
    assert (file["status"], file["outcome"]) == ("stopped", "paid")
    assert [type(each) for each in await published(database)] == [ProsecutionFileOpened, ProsecutionWithdrawn]


async def test_a_payment_that_arrives_before_the_overdue_event_prevents_the_file(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, a_payment(overdue), overdue)

    assert (await api.as_("aco").get("/v1/files")).json()["items"] == []
    assert await published(database) == []


async def test_a_withdrawn_notice_stops_its_file(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, overdue, a_withdrawal(overdue), a_withdrawal(overdue))

    assert ((await only_file(api))["status"], len(await published(database))) == ("stopped", 2)


async def test_a_part_payment_holds_the_file_until_an_officer_clears_it(database, api):
    overdue = an_overdue_notice()
    await deliver(database, SERVICE, overdue, a_payment(overdue, amount_pence=8000, paid_pence=8000, due_pence=8000, discharged=False))
    file = await only_file(api)
    await answer_all(api, file)

    refused = await charged_on(api, file, "2026-12-16")
    cleared = await api.as_("manager", name="Max Manager").post(f"/v1/files/{file['id']}/clearances", {"reason": "Refunded."})

    assert (refused.status_code, refused.json()["missing"]) == (409, ["hold"])
    assert (cleared.json()["held"], cleared.json()["holds"][0]["cleared_by"]) == (False, "Max Manager")
    assert (await charged_on(api, file, "2026-12-16")).status_code == 201
    again = await api.as_("manager", name="Max Manager").post(f"/v1/files/{file['id']}/clearances", {"reason": "Refunded."})
    assert again.status_code == 409


@pytest.mark.parametrize("first", ["mark", "file"])
async def test_a_changed_mark_holds_the_file_whichever_comes_first(database, api, first):
    overdue = an_overdue_notice()
    events = [a_changed_mark(overdue), overdue]

    await deliver(database, SERVICE, *(events if first == "mark" else reversed(events)))

    file = await only_file(api)
    assert file["held"]
    assert [each["cause"] for each in file["holds"]] == ["The mark of 2026-09-14 AM changed"]


async def test_a_lost_session_holds_the_files_that_rely_on_it_and_is_entered_in_the_chronology(database, api):
    overdue, elsewhere = an_overdue_notice(), an_overdue_notice()
    named = [{"kind": "penalty-notice", "id": overdue.notice_id}]
    lost = a_changed_mark(overdue, code="O", version=1, lost="off-roll", loss_id=new_id(), relied_on_by=named)

    await deliver(database, SERVICE, overdue, elsewhere, lost, lost)

    items = (await api.as_("manager").get("/v1/files")).json()["items"]
    held = {each["notice_ids"][0]: each["held"] for each in items}
    assert held == {str(overdue.notice_id): True, str(elsewhere.notice_id): False}
    (file,) = [each for each in items if each["held"]]
    shown = (await api.as_("manager").get(f"/v1/files/{file['id']}")).json()
    (hold,) = shown["holds"]
    assert hold["cause"] == "The session of 2026-09-14 AM is relied on, but the pupil was not on the school's roll"
    assert shown["chronology"][-1]["what"] == f"Held: {hold['cause']}"


def a_proof(of: PaymentOverdue, received_on: str, **changes: Any) -> NoticeServed:
    facts = {
        "notice_id": of.notice_id, "pupil_id": of.pupil_id, "letter_id": new_id(), "method": "first-class-post", "posted_on": "2026-11-24",
        "received_on": received_on, "proof_id": new_id(), "revision": 2,
    }  # fmt: skip
    return NoticeServed.model_validate({**facts, **changes})


@pytest.mark.parametrize("first", ["file", "proof"])
async def test_a_later_receipt_holds_the_file_until_the_lengthened_time_for_paying_is_over(database, api, first):
    overdue = an_overdue_notice()
    proof = a_proof(overdue, "2026-11-26")

    for each in (overdue, proof) if first == "file" else (proof, overdue):
        await deliver(database, SERVICE, each)

    file = await only_file(api)
    officer = api.as_("aco", name="Ann Officer")
    assert file["held"]
    assert (await officer.post(f"/v1/files/{file['id']}/clearances", {"reason": "No matter."})).status_code == 409

    served = overdue.served.model_copy(update={"posted_on": proof.posted_on, "received_on": proof.received_on, "proof_id": proof.proof_id})
    again = overdue.model_copy(update={"served": served, "final_deadline": date(2026, 12, 23), "overdue_from": date(2026, 12, 24)})
    await deliver(database, SERVICE, again, again)

    assert (await officer.post(f"/v1/files/{file['id']}/clearances", {"reason": "The time is over."})).status_code == 201
    file = await only_file(api)
    assert (file["held"], file["notice"]["final_deadline"], file["proofs"][0]["received_on"]) == (False, "2026-12-23", "2026-11-26")
    assert [each["on"] for each in file["chronology"] if each["what"].endswith("overdue, £0 paid")] == ["2026-12-16", "2026-12-24"]


async def test_an_earlier_receipt_holds_nothing(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, overdue, a_proof(overdue, "2026-11-17"))

    assert not (await only_file(api))["held"]


@pytest.mark.parametrize("first", ["file", "letter"])
async def test_a_returned_letter_holds_the_file_and_no_officer_can_clear_it(database, api, first):
    overdue = an_overdue_notice()
    returned = LetterReturned(notice_id=overdue.notice_id, pupil_id=overdue.pupil_id, letter_id=new_id(), returned_on=date(2026, 12, 20))

    for each in (overdue, returned) if first == "file" else (returned, overdue):
        await deliver(database, SERVICE, each)

    file = await only_file(api)
    assert file["held"]
    cleared = await api.as_("aco", name="Ann Officer").post(f"/v1/files/{file['id']}/clearances", {"reason": "No matter."})
    assert cleared.status_code == 409


async def test_a_mark_that_the_file_does_not_rely_on_holds_nothing(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, overdue, a_changed_mark(overdue, date="2026-11-30"), a_changed_mark(overdue, version=1))

    assert not (await only_file(api))["held"]


async def test_a_withdrawn_threshold_holds_the_file(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, overdue, ThresholdWithdrawn(run_id=new_id(), revision=2, pupil_id=overdue.pupil_id, count=9))

    assert (await only_file(api))["held"]


async def test_a_withdrawn_threshold_holds_the_file_on_its_run_and_no_other_file_of_the_pupil(database, api):
    fined = an_overdue_notice()
    later = [{**each, "date": str(each["date"]).replace("2026-09", "2026-11")} for each in SESSIONS if "2026-09" in str(each["date"])]
    referred = an_agreement(pupil_id=fined.pupil_id, parent_ids=[fined.parent_id], sessions=later)
    below = {"run_id": new_id(), "revision": 2, "pupil_id": fined.pupil_id, "count": 9, "sessions": later}

    await deliver(database, SERVICE, fined, referred, ThresholdWithdrawn.model_validate(below))

    files = (await api.as_("aco").get("/v1/files")).json()["items"]
    assert {bool(each["notice_ids"]): each["held"] for each in files} == {True: False, False: True}


async def test_files_are_found_by_upn_and_notice_and_kept_from_schools(database, api):
    mine, other = an_overdue_notice(), an_overdue_notice(la_code="935")
    roll = {"pupil_id": mine.pupil_id, "compulsory_from": "2019-04-01", "compulsory_to": "2030-06-28", "rolls": []}
    await deliver(database, SERVICE, mine, other)
    await deliver(database, SERVICE, RollChanged.model_validate({**roll, "upn": "A881400020401", "revision": 2}))
    await deliver(database, SERVICE, RollChanged.model_validate({**roll, "upn": "B881400020402", "revision": 1}))

    async def found(path: str, **token: Any) -> list[str]:
        return [each["notice_ids"][0] for each in (await api.as_("aco", **token).get(path)).json()["items"]]

    assert await found("/v1/files?upn=A881400020401") == [str(mine.notice_id)]
    assert await found("/v1/files?upn=B881400020402") == []
    assert await found(f"/v1/files?notice_id={other.notice_id}&status=draft") == [str(other.notice_id)]
    assert await found("/v1/files", la_code="935") == [str(other.notice_id)]
    file = (await api.as_("aco").get(f"/v1/files?notice_id={mine.notice_id}")).json()["items"][0]
    assert (await api.as_("aco", la_code="935").get(f"/v1/files/{file['id']}")).status_code == 403
    assert (await api.as_("school", schools=[100401]).get("/v1/files")).status_code == 403
    assert (await api.as_("school", schools=[100401]).get(f"/v1/files/{file['id']}")).status_code == 403
    assert (await api.as_("aco").get(f"/v1/files/{new_id()}")).status_code == 404
    assert (await api.as_("aco").get("/v1/files?after=nonsense")).status_code == 422
    assert (await api.as_("acsa").post(f"/v1/files/{file['id']}/charge", {})).status_code == 403


async def test_a_former_upn_finds_the_file(database, api):
    overdue = an_overdue_notice()
    roll = {"pupil_id": overdue.pupil_id, "compulsory_from": "2019-04-01", "compulsory_to": "2030-06-28", "rolls": []}
    changed = {**roll, "upn": "B881400020402", "former_upns": ["A881400020401"], "revision": 3}
    await deliver(database, SERVICE, overdue)

    async def found(upn: str) -> list[str]:
        return [each["pupil_id"] for each in (await api.as_("aco").get(f"/v1/files?upn={upn}")).json()["items"]]

    for event in (changed, {**roll, "upn": "A881400020401", "revision": 2}, changed):
        await deliver(database, SERVICE, RollChanged.model_validate(event))
    assert await found("A881400020401") == await found("B881400020402") == [str(overdue.pupil_id)]

    await deliver(database, SERVICE, RollChanged.model_validate({**changed, "former_upns": [], "revision": 4}))
    assert (await found("A881400020401"), await found("B881400020402")) == ([], [str(overdue.pupil_id)])


async def test_the_bundle_is_one_tagged_document_with_names_as_they_are_now(database, api, upstreams: Upstreams):
    overdue = an_overdue_notice()
    await deliver(database, SERVICE, overdue)
    file = await only_file(api)
    await answer_all(api, file)
    parent = {"id": str(overdue.parent_id), "forename": "#import Sam", "surname": "*Example*", "address": ["1 High Street", "CM1 1QH"]}
    other = {"id": str(new_id()), "forename": "Alex", "surname": "Example", "address": ["99 Hidden Lane", "CM20 1AA"]}
    pupil = {"id": str(overdue.pupil_id), "forename": "Test", "surname": "Pupil", "date_of_birth": "2014-03-03"}
    upstreams.answers |= {
        f"/v1/people/{overdue.pupil_id}": {"pupil": pupil, "parents": [other, parent]},
        "/v1/schools/100401": {"name": "School 100401"},
    }

    answer = await api.as_("aco").get(f"/v1/files/{file['id']}/bundle.pdf")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    document = pypdf.PdfReader(io.BytesIO(answer.content))
    text = " ".join(" ".join(page.extract_text() for page in document.pages).split())
    root: Any = document.root_object
    assert root["/MarkInfo"]["/Marked"]
    for part in (
        "Index", "Chronology", "Findings", "Time limits", "Gates", "#import Sam *Example*, 1 High Street, CM1 1QH", "Test Pupil, born 3 March 2014",
        "School 100401", "14 March 2027", "6 April 2027", str(overdue.served.proof_id)[:8], "Magistrates' Courts Act 1980 s.127(1)",
        "Looked at with the legal team.",
    ):  # fmt: skip
        assert part.replace("'", "\u2019") in text or part in text
    assert "Hidden Lane" not in text


async def test_a_bundle_is_unavailable_while_registers_is_down(database, api, upstreams: Upstreams):
    await deliver(database, SERVICE, an_overdue_notice())
    upstreams.down = True

    assert (await api.as_("aco").get(f"/v1/files/{(await only_file(api))['id']}/bundle.pdf")).status_code == 503


async def test_two_records_of_one_child_count_as_one_child_for_its_files(database, api):
    """A changed mark is published for the child's main record; the file is about the record under which the notice was issued."""
    overdue, child = an_overdue_notice(), new_id()
    roll = {"compulsory_from": "2019-04-01", "compulsory_to": "2030-06-28", "rolls": [], "revision": 1}
    mine = {**roll, "pupil_id": child, "upn": "B881400020402"}
    other = {**roll, "pupil_id": overdue.pupil_id, "upn": "X88140002040A", "same_as": child}
    later = an_overdue_notice(pupil_id=overdue.pupil_id)
    for event in (overdue, RollChanged.model_validate(mine), RollChanged.model_validate(other)):
        await deliver(database, SERVICE, event)

    await deliver(database, SERVICE, a_changed_mark(overdue, pupil_id=child), later)

    found = (await api.as_("aco").get("/v1/files?upn=B881400020402")).json()["items"]
    assert {file["notice_ids"][0]: file["held"] for file in found} == {str(overdue.notice_id): True, str(later.notice_id): True}
    await deliver(database, SERVICE, RollChanged.model_validate({**other, "same_as": None, "revision": 2}))
    assert (await api.as_("aco").get("/v1/files?upn=B881400020402")).json()["items"] == []
    assert len((await api.as_("aco").get("/v1/files?upn=X88140002040A")).json()["items"]) == 2


async def test_drafts_come_by_their_nearest_limit_and_those_that_are_out_of_time_last(database, api, monkeypatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-01-10")
    days = ("2026-10-05", "2026-06-01", "2026-07-08", "2026-09-14")
    made = [an_overdue_notice(sessions=[{**SESSIONS[0], "date": day, "session": half} for half in ("AM", "PM")]) for day in days]
    await deliver(database, SERVICE, *made)

    first = (await api.as_("aco").get("/v1/files?status=draft&limit=3")).json()
    rest = (await api.as_("aco").get(f"/v1/files?status=draft&limit=3&after={first['next']}")).json()

    listed = [each["safe_limit"] for each in first["items"] + rest["items"]]
    assert listed == ["2027-03-14", "2027-04-05", "2026-12-01", "2027-01-08"]
    assert (first["total"], rest["total"], rest["first"], rest["previous"]) == (4, 4, 4, "")
