"""Court files from the unpaid notice to the court's decision, over a real database."""

import io
from typing import Any

import pypdf
import pytest

from services.prosecutions.app import SERVICE
from shared.contracts.event import Event
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.contracts.registers import RollChanged
from shared.contracts.thresholds import ThresholdWithdrawn
from shared.database import Database
from shared.ids import new_id
from shared.testing import ApiClient, deliver, outbox
from tests.notifications.neighbours import Sisters
from tests.prosecutions.examples import a_changed_mark, a_payment, a_withdrawal, an_agreement, an_overdue_notice


async def said(database: Database) -> list[Event]:
    async with database.begin() as tx:
        return await outbox(tx)


async def only_file(api: ApiClient) -> dict[str, Any]:
    (found,) = (await api.as_("aco").get("/v1/files")).json()["items"]
    file: dict[str, Any] = (await api.as_("aco").get(f"/v1/files/{found['id']}")).json()
    return file


async def answer_all(api: ApiClient, file: dict[str, Any]) -> None:
    for gate in file["gates"]:
        answer = {"answer": gate["opens"], "reason": "Looked at with the legal team."}
        assert (await api.as_("aco", name="Ann Officer").post(f"/v1/files/{file['id']}/gates/{gate['id']}", answer)).status_code == 201


async def charged_on(api: ApiClient, file: dict[str, Any], day: str) -> Any:
    return await api.as_("aco", name="Ann Officer").post(f"/v1/files/{file['id']}/charge", {"charged_on": day})


async def test_an_unpaid_notice_opens_one_file_however_often_it_is_said(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, overdue, overdue)
    await deliver(database, SERVICE, overdue)

    file = await only_file(api)
    assert (file["offence"], file["status"], file["notice_ids"]) == ("s444", "draft", [str(overdue.notice_id)])
    assert (len(file["sessions"]), file["safe_limit"], file["outer_limit"]) == (14, "2027-03-14", "2027-04-06")
    assert [each["outcome"] for each in file["findings"]] == ["first", "safe-limit", "outer-limit"]
    assert file["proofs"][0]["proof_id"] == str(overdue.served.proof_id)
    assert all(each["answer"] is None for each in file["gates"])
    (opened,) = await said(database)
    assert isinstance(opened, ProsecutionFileOpened)
    assert str(opened.outer_limit) == "2027-04-06"


async def test_the_chronology_tells_the_whole_way_in_order(database, api):
    await deliver(database, SERVICE, an_overdue_notice())

    steps = (await only_file(api))["chronology"]

    assert [each["on"] for each in steps] == sorted(each["on"] for each in steps)
    told = [each["what"] for each in steps]
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
        assert step in told


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


async def test_who_pays_after_the_last_day_is_not_prosecuted(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, overdue, a_payment(overdue), a_payment(overdue))

    file = await only_file(api)
    assert (file["status"], file["outcome"]) == ("stopped", "paid")
    assert [type(each) for each in await said(database)] == [ProsecutionFileOpened, ProsecutionWithdrawn]


async def test_a_payment_that_is_known_first_prevents_the_file(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, a_payment(overdue), overdue)

    assert (await api.as_("aco").get("/v1/files")).json()["items"] == []
    assert await said(database) == []


async def test_a_withdrawn_notice_stops_its_file(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, overdue, a_withdrawal(overdue), a_withdrawal(overdue))

    assert ((await only_file(api))["status"], len(await said(database))) == ("stopped", 2)


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


async def test_a_mark_that_the_file_does_not_rest_on_holds_nothing(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, overdue, a_changed_mark(overdue, date="2026-11-30"), a_changed_mark(overdue, version=1))

    assert not (await only_file(api))["held"]


async def test_a_threshold_that_is_taken_back_holds_the_file(database, api):
    overdue = an_overdue_notice()

    await deliver(database, SERVICE, overdue, ThresholdWithdrawn(run_id=new_id(), revision=2, pupil_id=overdue.pupil_id, count=9))

    assert (await only_file(api))["held"]


async def test_a_charge_needs_every_gate_and_no_adverse_answer(database, api):
    await deliver(database, SERVICE, an_overdue_notice())
    file = await only_file(api)

    unanswered = await charged_on(api, file, "2026-12-16")
    await answer_all(api, file)
    ill = {"answer": "yes", "reason": "A doctor's letter came."}
    await api.as_("aco", name="Ann Officer").post(f"/v1/files/{file['id']}/gates/defence-unavoidable-cause", ill)
    adverse = await charged_on(api, file, "2026-12-16")

    assert unanswered.status_code == 409
    assert unanswered.json()["missing"] == [each["id"] for each in file["gates"]]
    assert (adverse.status_code, adverse.json()["missing"]) == (409, ["defence-unavoidable-cause"])
    gates = {each["id"]: each for each in (await only_file(api))["gates"]}
    assert (gates["defence-unavoidable-cause"]["answer"], gates["public-interest"]["answered_by"]) == ("yes", "Ann Officer")


async def test_time_barred_sessions_are_left_out_of_the_charge(database, api, monkeypatch):
    await deliver(database, SERVICE, an_overdue_notice())
    file = await only_file(api)
    await answer_all(api, file)
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-03-17")

    answer = await charged_on(api, file, "2027-03-17")

    assert answer.status_code == 201
    assert answer.json()["charged_sessions"][0]["date"] == "2026-09-17"
    charged = (await said(database))[-1]
    assert isinstance(charged, ProsecutionCharged)
    assert len(charged.sessions) == 8


@pytest.mark.parametrize(("day", "clock"), [("2027-04-07", "2027-04-07"), ("2026-12-17", "2026-12-16"), ("2026-12-15", "2026-12-16")])
async def test_no_charge_after_the_outer_limit_ahead_of_time_or_before_the_file(database, api, monkeypatch, day, clock):
    await deliver(database, SERVICE, an_overdue_notice())
    file = await only_file(api)
    await answer_all(api, file)
    monkeypatch.setenv("ATTENDANCE_TODAY", clock)

    assert (await charged_on(api, file, day)).status_code == 409


async def test_a_charge_ends_with_the_court_or_is_given_up(database, api):
    for _ in range(2):
        await deliver(database, SERVICE, an_overdue_notice())
    files = (await api.as_("aco").get("/v1/files")).json()["items"]
    officer = api.as_("manager", name="Max Manager")
    for each in files:
        file = (await officer.get(f"/v1/files/{each['id']}")).json()
        await answer_all(api, file)
        assert (await charged_on(api, file, "2026-12-16")).status_code == 201

    court = {"outcome": "not-guilty", "orders": [], "concluded_on": "2026-12-16"}
    concluded = await officer.post(f"/v1/files/{files[0]['id']}/outcome", court)
    given_up = await officer.post(f"/v1/files/{files[1]['id']}/withdrawal", {"ground": "evidence", "reason": "The certificate was wrong."})
    too_late = await officer.post(f"/v1/files/{files[1]['id']}/outcome", court)

    assert (concluded.json()["status"], given_up.json()["status"], too_late.status_code) == ("concluded", "withdrawn", 409)
    ends = (await said(database))[-2:]
    assert isinstance(ends[0], ProsecutionConcluded)
    assert ends[0].acquitted
    assert isinstance(ends[1], ProsecutionWithdrawn)
    assert ends[1].reason == "evidence"


async def test_a_payment_after_the_charge_waits_for_an_officer(database, api):
    overdue = an_overdue_notice()
    await deliver(database, SERVICE, overdue)
    file = await only_file(api)
    await answer_all(api, file)
    await charged_on(api, file, "2026-12-16")

    await deliver(database, SERVICE, a_payment(overdue))

    file = await only_file(api)
    assert (file["status"], file["held"]) == ("charged", True)


async def test_files_are_found_by_upn_and_notice_and_kept_from_schools(database, api):
    mine, other = an_overdue_notice(), an_overdue_notice(la_code="935")
    known = {"pupil_id": mine.pupil_id, "compulsory_from": "2019-04-01", "compulsory_to": "2030-06-28", "rolls": []}
    await deliver(database, SERVICE, mine, other)
    await deliver(database, SERVICE, RollChanged.model_validate({**known, "upn": "A881400020401", "revision": 2}))
    await deliver(database, SERVICE, RollChanged.model_validate({**known, "upn": "B881400020402", "revision": 1}))

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


async def test_the_bundle_is_one_tagged_document_with_names_as_they_are_now(database, api, sisters: Sisters):
    overdue = an_overdue_notice()
    await deliver(database, SERVICE, overdue)
    file = await only_file(api)
    await answer_all(api, file)
    parent = {"id": str(overdue.parent_id), "forename": "#import Sam", "surname": "*Example*", "address": ["1 High Street", "CM1 1QH"]}
    other = {"id": str(new_id()), "forename": "Alex", "surname": "Example", "address": ["99 Hidden Lane", "CM20 1AA"]}
    pupil = {"id": str(overdue.pupil_id), "forename": "Test", "surname": "Pupil", "date_of_birth": "2014-03-03"}
    sisters.answers |= {
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


async def test_without_the_register_service_there_is_no_bundle_now(database, api, sisters: Sisters):
    await deliver(database, SERVICE, an_overdue_notice())
    sisters.down = True

    assert (await api.as_("aco").get(f"/v1/files/{(await only_file(api))['id']}/bundle.pdf")).status_code == 503
