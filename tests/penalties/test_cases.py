"""Cases: opened and kept current by the threshold, seen by those whose they are, decided by named people, closed."""

from datetime import date
from uuid import UUID

import pytest

from services.penalties.projections.repository import undisputed_upn_of, upn_of
from shared.contracts.penalties import CaseClosed, CaseDecided, CaseOpened, ImprovementEnded
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.contracts.registers import Predecessor, SuccessionChanged
from shared.ids import new_id
from tests.penalties.chain import UPN, URN, both_sessions, missing


async def test_a_threshold_opens_a_case_at_the_school_of_the_crossing_session(chain):
    case_id = await chain.opened()

    published = await chain.published()
    assert published == [
        CaseOpened(
            case_id=UUID(case_id), run_id=chain.run, pupil_id=chain.pupil, urn=URN, la_code="881", opened_on=date(2026, 9, 21)
        )
    ]  # fmt: skip


async def test_a_newer_revision_updates_the_case_of_its_run_and_a_new_run_opens_its_own(chain):
    case_id = await chain.opened()
    await chain.deliver(chain.met(both_sessions("2026-09-14", "2026-09-22")))
    assert (await chain.get(f"/v1/cases/{case_id}"))["count"] == 14

    await chain.deliver(chain.met(both_sessions("2026-10-05", "2026-10-12"), run_id=new_id(), revision=1, urn=100402))

    found = (await chain.get(f"/v1/cases?upn={UPN}"))["items"]
    assert {(case["count"], case["urn"]) for case in found if case["id"] == case_id} == {(14, URN)}
    assert [(case["count"], case["urn"]) for case in found if case["id"] != case_id] == [(12, 100402)]
    assert await chain.published_names() == ["case-opened", "case-opened"]


async def test_an_older_revision_that_comes_late_changes_nothing(chain):
    older, newer = chain.met(), chain.met(both_sessions("2026-09-14", "2026-09-22"))
    await chain.deliver(chain.roll(), newer, older)

    assert [case["count"] for case in (await chain.get(f"/v1/cases?upn={UPN}"))["items"]] == [14]


async def test_a_withdrawal_that_overtakes_its_threshold_keeps_the_case_from_opening(chain):
    met, withdrawn = chain.met(), chain.withdrawn()
    await chain.deliver(withdrawn, met)

    assert (await chain.get("/v1/cases"))["items"] == []

    await chain.deliver(chain.met())
    assert len((await chain.get("/v1/cases"))["items"]) == 1


async def test_a_withdrawn_threshold_leaves_the_case_open_for_a_person_and_can_be_met_again(chain):
    case_id = await chain.opened()
    await chain.deliver(chain.withdrawn(both_sessions("2026-09-14", "2026-09-17")))
    withdrawn = await chain.get(f"/v1/cases/{case_id}")
    assert (withdrawn["status"], withdrawn["threshold"], withdrawn["count"]) == ("open", "withdrawn", 8)
    steps = {step["action"]: step for step in withdrawn["actions"]}
    assert "no longer met" in steps["issue-notice-to-improve"]["why_not"]

    await chain.deliver(chain.met())

    assert (await chain.get(f"/v1/cases/{case_id}"))["threshold"] == "met"


async def test_a_run_whose_case_is_closed_opens_no_other(chain):
    case_id = await chain.opened()
    await chain.decide(case_id, "no-action")

    await chain.deliver(chain.met())

    assert [case["id"] for case in (await chain.get("/v1/cases"))["items"]] == [case_id]
    await chain.deliver(chain.met(run_id=new_id()))
    assert len((await chain.get("/v1/cases?status=open"))["items"]) == 1


async def test_names_are_asked_from_registers_and_null_while_registers_does_not_answer(chain, registers):
    case_id = await chain.opened()
    assert [parent["name"] for parent in (await chain.get(f"/v1/cases/{case_id}"))["parents"]] == [None, None]

    mother = {"id": str(chain.parents[0]), "forename": "Sam", "surname": "Example", "relationship": "mother"}
    registers.people[str(chain.pupil)] = {
        "pupil": {"id": str(chain.pupil), "forename": "Kim", "surname": "Example"}, "parents": [mother]
    }  # fmt: skip

    case = await chain.get(f"/v1/cases/{case_id}")
    assert case["pupil_name"] == "Kim Example"
    assert {parent["id"]: parent["name"] for parent in case["parents"]} == {
        str(chain.parents[0]): "Sam Example", str(chain.parents[1]): None
    }  # fmt: skip


@pytest.mark.parametrize(
    ("schools", "status"),
    [([URN], 200), ([100402], 200), ([100403], 403), ([], 403)],
    ids=["its school", "present school", "former", "none"],
)
async def test_a_case_is_seen_by_its_school_and_the_pupils_present_one(chain, api, schools, status):
    await chain.deliver(chain.roll((URN, "2025-09-01", "2026-09-18"), (100402, "2026-09-21", None), (100403, "2024-09-01", "2025-07-21")))
    await chain.deliver(chain.met())
    case_id = (await chain.get("/v1/cases"))["items"][0]["id"]
    school = api.as_("school", schools=schools)

    assert (await school.get(f"/v1/cases/{case_id}")).status_code == status
    assert len((await school.get("/v1/cases")).json()["items"]) == (status == 200)
    assert (await school.post(f"/v1/cases/{case_id}/decisions", {})).status_code == (422 if status == 200 else 403)


async def test_the_successor_of_a_cases_school_sees_and_works_on_the_case(chain, api):
    academy = 100499
    case_id = await chain.opened()
    await chain.deliver(chain.roll((URN, "2025-09-01", "2026-09-20"), (100402, "2026-09-21", None), revision=2))
    successor = api.as_("school", schools=[academy], name="Head of Year")
    refused = (await successor.get(f"/v1/cases/{case_id}")).status_code, (await successor.get(f"/v1/cases?urn={URN}")).status_code

    await chain.deliver(SuccessionChanged(school=academy, predecessors=(Predecessor(urn=URN, since=date(2026, 9, 21)),), revision=1))

    assert refused == (403, 403)
    assert (await successor.get(f"/v1/cases/{case_id}")).status_code == 200
    for query in ("", f"?urn={URN}"):
        assert [case["id"] for case in (await successor.get(f"/v1/cases{query}")).json()["items"]] == [case_id]
        assert (await successor.get(f"/v1/notices-to-improve{query}")).status_code == 200
    step = {"decision": "support", "reason": "A meeting comes first.", "parents": chain.ids()}
    assert (await successor.post(f"/v1/cases/{case_id}/decisions", step)).status_code == 201
    assert (await api.as_("school", schools=[100403]).get(f"/v1/cases/{case_id}")).status_code == 403
    assert (await api.as_("school", schools=[URN]).get(f"/v1/cases?urn={academy}")).status_code == 403


async def test_a_former_upn_finds_the_case_and_shows_the_present_one(chain, api):
    case_id = await chain.opened()
    new = "B881400020402"
    await chain.deliver(chain.roll(revision=2, upn=new, former=[UPN]), chain.roll())

    for upn in (UPN, new):
        found = (await chain.get(f"/v1/cases?upn={upn}"))["items"]
        assert [(case["id"], case["upn"]) for case in found] == [(case_id, new)]
    assert (await chain.get(f"/v1/cases/{case_id}"))["upn"] == new
    assert (await api.as_("school", schools=[100403]).get(f"/v1/cases?upn={UPN}")).json()["items"] == []

    await chain.deliver(chain.roll(revision=3, upn=new))  # it was never this pupil's

    assert (await chain.get(f"/v1/cases?upn={UPN}"))["items"] == []


async def test_the_evidence_of_a_pupil_is_never_asked_for_by_a_number_that_another_child_has(chain, database):
    await chain.opened()
    asserted = "B881400020402"
    await chain.deliver(chain.roll(revision=2, upn=asserted, former=[UPN], asserted=[asserted]))

    assert [case["upn"] for case in (await chain.get(f"/v1/cases?upn={asserted}"))["items"]] == [asserted]
    async with database.begin() as tx:
        assert (await upn_of(tx, chain.pupil), await undisputed_upn_of(tx, chain.pupil)) == (asserted, UPN)

    await chain.deliver(chain.roll(revision=3, upn=asserted, former=[UPN]))  # officers found one child

    async with database.begin() as tx:
        assert await undisputed_upn_of(tx, chain.pupil) == asserted


async def test_a_bound_token_does_not_learn_what_exists_and_an_officer_does(chain, api):
    assert (await api.as_("school", schools=[URN]).get(f"/v1/cases/{new_id()}")).status_code == 403
    assert (await api.as_("aco").get(f"/v1/cases/{new_id()}")).status_code == 404
    assert (await api.as_("school", schools=[URN]).get("/v1/cases?urn=100402")).status_code == 403
    assert (await api.as_("operations").get("/v1/cases")).status_code == 403
    assert (await api.get("/v1/cases")).status_code == 401


async def test_an_officers_token_for_one_authority_reaches_no_case_of_another(chain, api):
    case_id = await chain.opened()
    theirs, others = api.as_("aco", la_code="881"), api.as_("aco", la_code="935")

    assert (await theirs.get(f"/v1/cases/{case_id}")).status_code == 200
    assert (await others.get(f"/v1/cases/{case_id}")).status_code == 403
    assert (await others.get("/v1/cases")).json()["items"] == []


async def test_cases_come_in_pages(chain, api):
    for number in range(3):
        chain.pupil, chain.run, chain.revision = new_id(), new_id(), number
        await chain.deliver(chain.met())

    first = await chain.get("/v1/cases?limit=2")
    second = await chain.get(f"/v1/cases?limit=2&after={first['next']}")

    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    assert (await api.as_("aco").get("/v1/cases?after=nonsense")).status_code == 422


async def test_a_decision_is_about_all_parents_by_default_and_is_published_without_its_reason(chain):
    case_id = await chain.opened()
    answer = await chain.post(f"/v1/cases/{case_id}/decisions", {"decision": "support", "reason": "A meeting."}, role="school")

    decided = [event for event in await chain.published() if isinstance(event, CaseDecided)]
    assert set(answer["parent_ids"]) == set(chain.ids())
    assert answer["decided_by"] == "Ann Officer"
    assert [(event.stage, event.decision, event.decided_by_role, set(event.parent_ids)) for event in decided] == [
        ("decision", "support", "school", set(chain.parents))
    ]  # fmt: skip
    assert "meeting" not in decided[0].model_dump_json()


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "support"}, {"decision": "support", "reason": "   "}, {"decision": "fine", "reason": "r"},
        {"decision": "support", "reason": "r", "parents": []},
        {"decision": "support", "reason": "r", "parents": ["0198c2a0-0000-7000-8000-000000000000"]},
    ],
)  # fmt: skip
async def test_a_decision_of_the_wrong_shape_stores_nothing(chain, body):
    case_id = await chain.opened()

    await chain.post(f"/v1/cases/{case_id}/decisions", body, expect=422)

    assert (await chain.get(f"/v1/cases/{case_id}"))["decisions"] == []


async def test_a_request_without_a_served_notice_to_improve_gives_the_reason(chain):
    case_id = await chain.opened()

    refused = await chain.decide(case_id, "penalty-notice", expect=409)

    assert missing(refused) == ["no-improvement-notice-reason"] * 2
    assert refused["missing"][0]["parent_id"] in chain.ids()
    await chain.decide(case_id, "penalty-notice", no_improvement_notice_reason="A holiday.")


async def test_no_action_closes_the_case_and_sets_its_sessions_aside(chain):
    case_id = await chain.opened()

    await chain.decide(case_id, "no-action")

    closed = (await chain.published())[-1]
    assert isinstance(closed, CaseClosed)
    assert (closed.outcome, closed.set_aside_to, closed.run_id) == ("no-action", date(2026, 9, 21), chain.run)
    assert missing(await chain.decide(case_id, "support", expect=409)) == ["case-closed"]


async def test_no_action_cancels_the_running_notices_to_improve_of_those_it_names(chain):
    case_id = await chain.opened()
    mothers, fathers = await chain.warn(case_id)

    await chain.decide(case_id, "no-action", 0)

    shown = {each["id"]: each["status"] for each in (await chain.get(f"/v1/cases/{case_id}"))["notices"]}
    assert shown == {mothers: "cancelled", fathers: "issued"}
    ended = [event for event in await chain.published() if isinstance(event, ImprovementEnded)]
    assert [(event.notice_id, event.outcome) for event in ended] == [(UUID(mothers), "cancelled")]


async def test_business_support_agrees_for_a_holiday_alone(chain):
    case_id = await chain.opened()
    body = {"agreed": False, "recommendation": "neither", "reason": "No."}
    await chain.post(f"/v1/cases/{case_id}/agreement", body, role="business-support", expect=403)
    await chain.post(f"/v1/cases/{case_id}/agreement", body, role="school", expect=403)
    await chain.deliver(chain.met(holiday=True))

    await chain.post(f"/v1/cases/{case_id}/agreement", body, role="business-support")

    assert (await chain.get(f"/v1/cases/{case_id}"))["agreement"]["agreed"] is False


async def test_an_agreed_prosecution_carries_the_sessions_and_the_parents_it_is_about(chain):
    case_id = await chain.opened()
    assert missing(await chain.agree(case_id, "prosecution", expect=409)) == ["decision"]
    await chain.warn(case_id, 0)
    await chain.decide(case_id, "prosecution", 1, no_improvement_notice_reason="A third notice is not possible.")

    await chain.agree(case_id, "prosecution")

    agreed = (await chain.published())[-1]
    assert isinstance(agreed, CaseDecided)
    assert [(each.what, each.parent_ids) for each in agreed.decisions] == [
        ("decided: notice-to-improve", (chain.parents[0],)),
        ("decided: prosecution", (chain.parents[1],)),
    ]
    assert [each.parent_id for each in agreed.improvement_notices] == [chain.parents[0]]
    assert (agreed.stage, agreed.agreed, agreed.recommendation) == ("agreement", True, "prosecution")
    assert (agreed.parent_ids, len(agreed.sessions), bool(agreed.findings)) == ((chain.parents[1],), 10, True)


async def test_an_agreement_to_nothing_or_to_a_notice_carries_no_evidence(chain):
    case_id = await chain.opened()
    await chain.agree(case_id, "penalty-notice", agreed=False)

    declined = (await chain.published())[-1]
    assert isinstance(declined, CaseDecided)
    assert (declined.agreed, declined.sessions, declined.parent_ids) == (False, (), ())


async def test_a_direct_referral_ends_with_the_courts_outcome_and_its_sessions_are_spent(chain):
    case_id = await chain.opened()
    await chain.decide(case_id, "prosecution", 0, no_improvement_notice_reason="A third notice is not possible.")
    await chain.agree(case_id, "prosecution")
    file = {"file_id": new_id(), "case_id": UUID(case_id), "pupil_id": chain.pupil, "parent_id": chain.parents[0]}
    sessions = (await chain.published())[-1].sessions
    opened = ProsecutionFileOpened(
        **file, offence="s444", notice_ids=(), sessions=sessions, safe_limit=date(2027, 3, 14), outer_limit=date(2027, 3, 18),
        opened_on=date(2026, 9, 21),
    )  # fmt: skip
    charged = ProsecutionCharged(**file, sessions=sessions, charged_on=date(2026, 10, 1))
    await chain.deliver(opened, charged)
    assert missing(await chain.decide(case_id, "no-action", expect=409)) == ["court-file-open"]
    await chain.ask_for_notices(case_id, 0)
    assert missing(await chain.fine(case_id, 0, expect=409)) == ["no-sessions"]

    await chain.deliver(ProsecutionConcluded(**file, notice_ids=(), outcome="fine", acquitted=False, concluded_on=date(2026, 12, 1)))
    await chain.decide(case_id, "no-action", 1)

    closed = (await chain.published())[-1]
    assert isinstance(closed, CaseClosed)
    assert (closed.outcome, closed.set_aside_to) == ("court", None)


async def test_a_file_that_is_given_up_leaves_the_case_to_a_person(chain):
    case_id = await chain.opened()
    await chain.decide(case_id, "prosecution", 0, no_improvement_notice_reason="A third notice is not possible.")
    await chain.agree(case_id, "prosecution")
    file = {"file_id": new_id(), "case_id": UUID(case_id), "pupil_id": chain.pupil, "parent_id": chain.parents[0], "notice_ids": ()}

    await chain.deliver(ProsecutionWithdrawn(**file, reason="public-interest", withdrawn_on=date(2026, 12, 1)))

    assert (await chain.get(f"/v1/cases/{case_id}"))["status"] == "open"
    await chain.decide(case_id, "no-action")
