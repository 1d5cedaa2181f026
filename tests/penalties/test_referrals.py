"""The form of referral: filled in from register and log, declared by name, incomplete only with reasons, sent again with what changed."""

from typing import Any

import pytest

from services.penalties.referrals.domain import DECLARATIONS
from tests.penalties.chain import Chain, missing
from tests.penalties.test_recommendation import log_everything

HOLIDAY = "A holiday: support is not appropriate."
ALL = [{"item": item, "declared": True} for item in DECLARATIONS]


async def asked(chain: Chain, *which: int) -> str:
    """A case with a request for a penalty notice, and a log without gaps."""
    case = await chain.opened()
    await log_everything(chain, case)
    await chain.decide(case, "penalty-notice", *(which or (0,)), no_improvement_notice_reason=HOLIDAY)
    return case


async def refer(chain: Chain, case: str, *which: int, expect: int | None = None, **changes: Any) -> Any:
    body = {
        "parents": chain.ids(*(which or (0,))),
        "course": "penalty-notice",
        "statement": "The talk helped; this ends it.",
        "declarations": ALL,
    }
    return await chain.post(f"/v1/cases/{case}/referrals", body | changes, role="school", expect=expect)


def without(item: str, **reason: str) -> list[dict[str, Any]]:
    return [{"item": each, "declared": each != item, **(reason if each == item else {})} for each in DECLARATIONS]


async def test_a_complete_referral_is_sent_in_the_name_of_a_person(chain: Chain):
    case = await asked(chain)

    sent = await refer(chain, case)

    assert (sent["number"], sent["complete"], sent["changes"], sent["answer"]) == (1, True, [], None)
    assert (sent["referred_by"], sent["referred_by_role"]) == ("Ann Officer", "school")
    assert sent["findings"][0]["outcome"] == "complete"


@pytest.mark.parametrize("item", DECLARATIONS)
async def test_a_declaration_that_is_not_made_needs_a_reason(chain: Chain, item: str):
    case = await asked(chain)

    refused = await refer(chain, case, declarations=without(item), expect=409)
    sent = await refer(chain, case, declarations=without(item, why_not="The doctor has yet to write."))

    assert missing(refused) == [f"declaration-{item}"]
    assert sent["complete"] is False
    assert sent["findings"][0]["facts"]["not_declared"] == [item]


async def test_an_item_that_the_support_log_leaves_open_needs_a_reason(chain: Chain):
    case = await chain.opened()
    await chain.decide(case, "penalty-notice", 0, no_improvement_notice_reason=HOLIDAY)
    form = await chain.get(f"/v1/cases/{case}/referral-form")

    refused = await refer(chain, case, expect=409)
    gaps = [{"item": each["item"], "why_not": "The family is away."} for each in form["support"]]
    sent = await refer(chain, case, support_gaps=gaps)

    assert missing(refused) == [f"support-{each['item']}" for each in form["support"]]
    assert "support-attendance-contract" in missing(refused)
    assert (sent["complete"], len(sent["support_gaps"])) == (False, len(gaps))


async def test_a_gap_that_the_log_has_closed_meanwhile_is_none(chain: Chain):
    case = await asked(chain)

    sent = await refer(chain, case, support_gaps=[{"item": "meeting", "why_not": "Nobody was there."}])

    assert (sent["support_gaps"], sent["complete"]) == ([], True)


@pytest.mark.parametrize(("which", "course"), [(1, "penalty-notice"), (0, "prosecution")])
async def test_a_referral_needs_the_decision_that_asks_for_it(chain: Chain, which: int, course: str):
    case = await asked(chain, 0)

    assert missing(await refer(chain, case, which, course=course, expect=409)) == ["decision"]


async def test_a_decision_and_an_agreement_are_valid_without_a_referral(chain: Chain):
    case = await asked(chain)
    await chain.agree(case)

    assert len(await chain.fine(case, 0)) == 1
    assert (await chain.get(f"/v1/cases/{case}/referrals"))["items"] == []


async def test_a_referral_sent_again_goes_on_the_thread_and_shows_what_changed(chain: Chain):
    case = await asked(chain)
    await refer(chain, case, declarations=without("staff-contacts-checked", why_not="The form tutor is ill."))
    await chain.agree(case, agreed=False)

    form = await chain.get(f"/v1/cases/{case}/referral-form")
    await refer(chain, case, statement="The tutor was asked.")
    first, second = (await chain.get(f"/v1/cases/{case}/referrals"))["items"]

    assert form["answer"]["agreed"] is False
    assert form["statement"] == "The talk helped; this ends it."
    assert [each["why_not"] for each in form["declarations"] if not each["declared"]] == ["The form tutor is ill."]
    assert (first["answer"]["agreed"], second["answer"]) == (False, None)
    assert second["changes"] == ["The statement is another one.", f"Now declared: {DECLARATIONS['staff-contacts-checked']}"]


async def test_each_referral_has_the_answer_that_was_given_to_it(chain: Chain):
    case = await asked(chain)
    await refer(chain, case)
    await chain.agree(case, agreed=False)
    await refer(chain, case)
    await chain.agree(case)

    thread = (await chain.get(f"/v1/cases/{case}/referrals"))["items"]

    assert [each["answer"]["agreed"] for each in thread] == [False, True]


async def test_an_answer_about_the_other_parent_is_none_to_a_referral(chain: Chain):
    case = await asked(chain, 0, 1)
    await refer(chain, case, 0)
    answer = {"agreed": True, "recommendation": "penalty-notice", "reason": "Evidence complete."}
    path = f"/v1/cases/{case}/referrals"

    await chain.post(f"/v1/cases/{case}/agreement", answer | {"parents": chain.ids(1)})
    after_the_other = (await chain.get(path))["items"][0]["answer"]
    await chain.post(f"/v1/cases/{case}/agreement", answer | {"parents": chain.ids(0)})

    assert after_the_other is None
    assert (await chain.get(path))["items"][0]["answer"]["parent_ids"] == chain.ids(0)


async def test_the_form_is_filled_in_from_register_log_and_decisions(chain: Chain):
    case = await asked(chain, 0)
    await chain.post(f"/v1/cases/{case}/liability", {"parent_id": chain.ids(0)[0], "basis": "allowed", "shown_by": "Her e-mail."})

    form = await chain.get(f"/v1/cases/{case}/referral-form")

    assert (form["goes_to"], form["sessions"], form["first_session"], form["last_session"]) == ("aco", 10, "2026-09-14", "2026-09-18")
    told = sorted((each["parent_by"], each["basis"], each["asked_for"]) for each in form["parents"] if each["id"] == chain.ids(0)[0])
    assert told == [("birth", "allowed", "penalty-notice")]
    assert form["support"] == []
    assert [each["item"] for each in form["declarations"]] == [*DECLARATIONS]


@pytest.mark.parametrize(
    "changes",
    [
        {"statement": " "},
        {"course": "neither"},
        {"declarations": [{"item": "something", "declared": True}]},
        {"declarations": [*ALL, ALL[0]]},
        {"parents": []},
    ],
)
async def test_a_referral_of_the_wrong_shape_is_refused(chain: Chain, changes: dict[str, Any]):
    case = await asked(chain)

    await refer(chain, case, expect=422, **changes)
