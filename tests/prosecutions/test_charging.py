"""From the draft to the charge and the court's decision, over a real database."""

import pytest

from services.prosecutions.app import SERVICE
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionWithdrawn
from tests.prosecutions.examples import a_payment, an_overdue_notice
from tests.prosecutions.officers import answer_all, charged_on, only_file, published
from tests.support import deliver


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
    assert unanswered.json()["obstacles"] == [{"code": each["id"], "detail": f"{each['id']}: not answered"} for each in file["gates"]]
    assert (adverse.status_code, adverse.json()["missing"]) == (409, ["defence-unavoidable-cause"])
    gates = {each["id"]: each for each in (await only_file(api))["gates"]}
    assert (gates["defence-unavoidable-cause"]["answer"], gates["public-interest"]["answered_by"]) == ("yes", "Ann Officer")


@pytest.mark.parametrize(("answered", "status"), [(None, 409), ("no", 409), ("yes", 201)])
async def test_a_charge_asks_who_is_a_parent_and_who_allowed_the_absence(database, api, answered, status):
    await deliver(database, SERVICE, an_overdue_notice())
    file = await only_file(api)
    rest = [each for each in file["gates"] if each["id"] != "liability"]
    await answer_all(api, {**file, "gates": rest})
    if answered:
        answer = {"answer": answered, "reason": "The mother booked the flights."}
        await api.as_("aco", name="Ann Officer").post(f"/v1/files/{file['id']}/gates/liability", answer)

    charge = await charged_on(api, file, "2026-12-16")

    assert (charge.status_code, charge.json().get("missing")) == (status, ["liability"] if status == 409 else None)


@pytest.mark.parametrize("reason", ["", "  ", "a\x00b"])
async def test_an_answer_needs_a_reason_in_words(database, api, reason):
    await deliver(database, SERVICE, an_overdue_notice())
    file = await only_file(api)

    answer = await api.as_("aco", name="Ann Officer").post(f"/v1/files/{file['id']}/gates/siblings", {"answer": "no", "reason": reason})

    assert answer.status_code == 422


async def test_time_barred_sessions_are_left_out_of_the_charge(database, api, monkeypatch):
    await deliver(database, SERVICE, an_overdue_notice())
    file = await only_file(api)
    await answer_all(api, file)
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-03-17")

    answer = await charged_on(api, file, "2027-03-17")

    assert answer.status_code == 201
    assert answer.json()["charged_sessions"][0]["date"] == "2026-09-17"
    charged = (await published(database))[-1]
    assert isinstance(charged, ProsecutionCharged)
    assert len(charged.sessions) == 8


@pytest.mark.parametrize(("day", "clock"), [("2027-04-07", "2027-04-07"), ("2026-12-17", "2026-12-16"), ("2026-12-15", "2026-12-16")])
async def test_a_charge_after_the_outer_limit_in_the_future_or_before_the_file_is_refused(database, api, monkeypatch, day, clock):
    await deliver(database, SERVICE, an_overdue_notice())
    file = await only_file(api)
    await answer_all(api, file)
    monkeypatch.setenv("ATTENDANCE_TODAY", clock)

    assert (await charged_on(api, file, day)).status_code == 409


async def test_a_charge_is_concluded_by_the_court_or_withdrawn_by_an_officer(database, api):
    for _ in range(2):
        await deliver(database, SERVICE, an_overdue_notice())
    files = (await api.as_("aco").get("/v1/files")).json()["items"]
    officer = api.as_("manager", name="Max Manager")
    for each in files:
        file = (await officer.get(f"/v1/files/{each['id']}")).json()
        await answer_all(api, file)
        assert (await charged_on(api, file, "2026-12-16")).status_code == 201

    court = {"outcome": "not-guilty", "orders": [], "concluded_on": "2026-12-16"}
    too_early = await officer.post(f"/v1/files/{files[0]['id']}/outcome", {**court, "concluded_on": "2026-12-15"})
    concluded = await officer.post(f"/v1/files/{files[0]['id']}/outcome", court)
    given_up = await officer.post(f"/v1/files/{files[1]['id']}/withdrawal", {"ground": "evidence", "reason": "The certificate was wrong."})
    too_late = await officer.post(f"/v1/files/{files[1]['id']}/outcome", court)

    assert too_early.status_code == 409
    assert (concluded.json()["status"], given_up.json()["status"], too_late.status_code) == ("concluded", "withdrawn", 409)
    ends = (await published(database))[-2:]
    assert isinstance(ends[0], ProsecutionConcluded)
    assert ends[0].acquitted
    assert isinstance(ends[1], ProsecutionWithdrawn)
    assert ends[1].reason == "evidence"


async def test_a_payment_after_the_charge_holds_the_file_for_an_officer(database, api):
    overdue = an_overdue_notice()
    await deliver(database, SERVICE, overdue)
    file = await only_file(api)
    await answer_all(api, file)
    await charged_on(api, file, "2026-12-16")

    await deliver(database, SERVICE, a_payment(overdue))

    file = await only_file(api)
    assert (file["status"], file["held"]) == ("charged", True)
