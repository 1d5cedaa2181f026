"""Who is a parent in law (Education Act 1996 s.576), and who allowed the absence: asked, recorded with a name, and taken back when wrong."""

from itertools import product
from typing import Any

import pytest

from services.penalties.case_file.domain.liability import LiabilityRecord, born_to, recorded_liability
from shared import clock
from shared.contracts.penalties import CaseDecided
from shared.contracts.registers import ParentChanged, PupilParent
from shared.ids import new_id
from tests.penalties.chain import IMPROVE, URN, Chain, missing

MOTHER, OTHER = 0, 1
HOLIDAY = "A holiday: support is not appropriate."
CONTACTS = ("grandparent", "childminder", "social worker", "step-father", "parent", "", None)
CARE = {"parent_by": "care", "shown_by": "Lives with him since June; the mother's letter of 3 June."}


async def with_contact(chain: Chain, relationship: str | None = "grandmother") -> str:
    """A case whose second contact is described like that."""
    case = await chain.opened()
    await chain.deliver(chain.parents_changed(revision=2, relationships=("mother", relationship)))
    return case


def of(chain: Chain, which: int, **said: Any) -> dict[str, Any]:
    return {"parent_id": str(chain.parents[which]), **said}


@pytest.mark.parametrize("relationship", CONTACTS)
async def test_nothing_is_decided_about_a_contact_of_whom_nothing_shows_a_parent(chain: Chain, relationship: str | None):
    case = await with_contact(chain, relationship)

    for decision in ("support", "notice-to-improve", "penalty-notice", "prosecution", "no-action"):
        refused = await chain.decide(case, decision, OTHER, expect=409, no_improvement_notice_reason=HOLIDAY)

        assert missing(refused) == ["parent-by"], decision
        assert refused["missing"][0]["parent_id"] == str(chain.parents[OTHER])


@pytest.mark.parametrize("relationship", ["Mother", "FATHER ", "birth mother"])
async def test_mother_and_father_are_parents_by_birth_however_the_word_is_written(chain: Chain, relationship: str):
    case = await with_contact(chain, relationship)

    await chain.decide(case, "penalty-notice", OTHER, no_improvement_notice_reason=HOLIDAY)

    assert (await chain.get(f"/v1/cases/{case}"))["parents"][OTHER]["parent_by"] == "birth"


async def test_a_contact_is_decided_about_once_a_person_has_recorded_what_shows_a_parent(chain: Chain):
    case = await with_contact(chain)

    entry = of(chain, OTHER, basis="allowed", **CARE)
    await chain.decide(case, "penalty-notice", OTHER, no_improvement_notice_reason=HOLIDAY, liability=[entry])
    await chain.agree(case)
    issued = await chain.fine(case, OTHER)

    assert len(issued) == 1
    shown = await chain.get(f"/v1/cases/{case}")
    assert [(each["parent_by"], each["basis"]) for each in shown["parents"]] == [("birth", None), ("care", "allowed")]
    recorded = shown["liability"][0]
    assert (recorded["shown_by"], recorded["recorded_by"], recorded["recorded_by_role"]) == (CARE["shown_by"], "Ann Officer", "school")
    assert recorded["recorded_on"] == clock.today().isoformat()


async def test_a_decision_about_all_parents_is_about_those_shown_to_be_parents(chain: Chain):
    case = await with_contact(chain)

    decided = await chain.post(f"/v1/cases/{case}/decisions", {"decision": "support", "reason": "Considered."}, role="school")

    assert decided["parent_ids"] == chain.ids(MOTHER)


async def test_no_request_is_made_where_no_contact_is_shown_to_be_a_parent(chain: Chain):
    case = await chain.opened()
    await chain.deliver(chain.parents_changed(revision=2, relationships=("aunt",)))

    body = {"decision": "penalty-notice", "reason": "Considered.", "no_improvement_notice_reason": HOLIDAY}
    refused = await chain.post(f"/v1/cases/{case}/decisions", body, role="school", expect=409)

    assert missing(refused) == ["parents"]
    assert (await chain.post(f"/v1/cases/{case}/decisions", {"decision": "no-action", "reason": "Considered."}))["parent_ids"] == []


async def test_a_refused_decision_leaves_no_record_of_liability(chain: Chain):
    case = await with_contact(chain)

    refused = await chain.decide(case, "penalty-notice", MOTHER, OTHER, expect=409, liability=[of(chain, OTHER, **CARE)])

    assert set(missing(refused)) == {"no-improvement-notice-reason"}
    assert (await chain.get(f"/v1/cases/{case}"))["liability"] == []


@pytest.mark.parametrize("changed", ["withdrawn", "described anew"])
async def test_a_penalty_notice_asks_again_at_issue_what_shows_a_parent(chain: Chain, changed: str):
    case = await with_contact(chain)
    await chain.decide(case, "penalty-notice", OTHER, no_improvement_notice_reason=HOLIDAY, liability=[of(chain, OTHER, **CARE)])
    await chain.agree(case)
    if changed == "withdrawn":
        await chain.post(f"/v1/cases/{case}/liability/withdrawals", of(chain, OTHER, reason="She moved out in May."))
    else:
        await chain.decide(case, "penalty-notice", MOTHER, no_improvement_notice_reason=HOLIDAY)
        await chain.agree(case)
        await chain.deliver(chain.parents_changed(revision=3, relationships=("carer's friend", "grandmother")))

    refused = await chain.fine(case, OTHER if changed == "withdrawn" else MOTHER, expect=409)

    assert missing(refused) == ["parent-by"]


async def test_a_notice_to_improve_asks_again_at_issue_what_shows_a_parent(chain: Chain):
    case = await with_contact(chain, "father")
    await chain.decide(case, "notice-to-improve", OTHER)
    await chain.deliver(chain.parents_changed(revision=3, relationships=("mother", "neighbour")))

    body = {"parents": chain.ids(OTHER), **IMPROVE}
    refused = await chain.post(f"/v1/cases/{case}/notices-to-improve", body, role="school", expect=409)

    assert missing(refused) == ["parent-by"]


async def test_a_mother_at_one_school_whom_another_calls_an_aunt_is_asked_about(chain: Chain):
    case = await chain.opened()
    person = chain.parents[MOTHER]
    schools = [
        PupilParent(parent_id=person, urn=URN, relationship="mother"),
        PupilParent(parent_id=person, urn=100402, relationship="aunt"),
    ]
    await chain.deliver(ParentChanged(pupil_id=chain.pupil, parents=tuple(schools), revision=2))

    refused = await chain.decide(case, "support", MOTHER, expect=409)

    assert missing(refused) == ["parent-by"]


async def test_the_basis_that_a_schools_system_sent_is_shown_and_makes_nobody_a_parent(chain: Chain):
    case = await chain.opened()
    sent = PupilParent(parent_id=chain.parents[OTHER], urn=URN, relationship="carer", liability_basis="care")
    await chain.deliver(ParentChanged(pupil_id=chain.pupil, parents=(sent,), revision=2))

    refused = await chain.decide(case, "support", OTHER, expect=409)

    shown = (await chain.get(f"/v1/cases/{case}"))["parents"][0]
    assert missing(refused) == ["parent-by"]
    assert (shown["liability_basis"], shown["parent_by"]) == ("care", None)


async def test_the_last_word_about_a_parent_holds_and_every_word_stays(chain: Chain):
    case = await with_contact(chain)
    path = f"/v1/cases/{case}/liability"

    await chain.post(path, of(chain, OTHER, **CARE))
    await chain.post(path, of(chain, OTHER, parent_by="parental-responsibility", basis="could-have-prevented", shown_by="Order of 2 May."))
    await chain.post(path, of(chain, OTHER, basis="allowed", shown_by="Booked the flights."))

    shown = await chain.get(f"/v1/cases/{case}")
    assert (shown["parents"][OTHER]["parent_by"], shown["parents"][OTHER]["basis"]) == ("parental-responsibility", "allowed")
    assert [each["parent_by"] for each in shown["liability"]] == ["care", "parental-responsibility", None]
    await chain.post(f"{path}/withdrawals", of(chain, OTHER, reason="Another child's order."))
    shown = await chain.get(f"/v1/cases/{case}")
    assert (shown["parents"][OTHER]["parent_by"], shown["parents"][OTHER]["basis"]) == (None, None)
    assert shown["liability"][-1]["withdrawal_reason"] == "Another child's order."
    assert (await chain.post(f"{path}/withdrawals", of(chain, OTHER, reason="Again."), expect=409))["title"].startswith(
        "Nothing is recorded"
    )


@pytest.mark.parametrize(
    "said", [{"shown_by": "Seen."}, {"parent_by": "care"}, {"parent_by": "care", "shown_by": " "}, {"parent_by": "guardian"}]
)
async def test_a_record_without_what_shows_it_is_refused(chain: Chain, said: dict[str, str]):
    case = await with_contact(chain)

    await chain.post(f"/v1/cases/{case}/liability", of(chain, OTHER, **said), expect=422)
    await chain.decide(case, "support", OTHER, liability=[of(chain, OTHER, **said)], expect=422)


async def test_a_record_about_a_stranger_is_refused(chain: Chain):
    case = await with_contact(chain)
    stranger = {"parent_id": str(new_id()), **CARE}

    await chain.post(f"/v1/cases/{case}/liability", stranger, expect=422)
    await chain.decide(case, "support", MOTHER, liability=[stranger], expect=422)
    await chain.decide(case, "support", MOTHER, liability=[of(chain, MOTHER, **CARE)] * 2, expect=422)


async def test_a_record_follows_the_person_when_two_contacts_are_found_to_be_one(chain: Chain):
    case = await with_contact(chain)
    await chain.post(f"/v1/cases/{case}/liability", of(chain, OTHER, **CARE))
    person, former = new_id(), chain.parents[OTHER]
    merged = PupilParent(parent_id=person, urn=URN, relationship="grandmother", formerly=(former,))
    await chain.deliver(ParentChanged(pupil_id=chain.pupil, parents=(merged,), revision=3))

    body = {"decision": "support", "reason": "Considered.", "parents": [str(person)]}
    decided = await chain.post(f"/v1/cases/{case}/decisions", body, role="school")

    assert decided["parent_ids"] == [str(person)]


async def test_the_agreement_to_prosecute_carries_who_is_a_parent_and_who_allowed_it(chain: Chain):
    case = await with_contact(chain)
    entry = of(chain, OTHER, basis="allowed", **CARE)
    await chain.decide(case, "prosecution", OTHER, no_improvement_notice_reason=HOLIDAY, liability=[entry])
    await chain.agree(case, "prosecution")

    said = [event for event in await chain.published() if isinstance(event, CaseDecided)][-1]

    assert [(each.parent_id, each.parent_by, each.basis) for each in said.liability] == [(chain.parents[OTHER], "care", "allowed")]


async def test_an_agreement_to_prosecute_asks_what_shows_a_parent(chain: Chain):
    case = await with_contact(chain)
    await chain.decide(case, "prosecution", OTHER, no_improvement_notice_reason=HOLIDAY, liability=[of(chain, OTHER, **CARE)])
    await chain.post(f"/v1/cases/{case}/liability/withdrawals", of(chain, OTHER, reason="She moved out in May."))

    assert missing(await chain.agree(case, "prosecution", expect=409)) == ["parent-by"]


BIRTH = ("mother", "father")


@pytest.mark.parametrize(
    ("described", "born"),
    [
        (("mother",), True), ((" Father",), True), (("mother", None), True), (("mother", "mother"), True), (("mother", ""), True),
        (("mother", "aunt"), False), (("grandmother",), False), (("stepmother",), False), ((None,), False), ((), False), (("foster mother",), False),
    ],
)  # fmt: skip
def test_a_contact_is_a_parent_by_birth_where_every_school_that_describes_them_does(described: tuple[str | None, ...], born: bool):
    assert born_to(described, BIRTH) is born


def a_record(case: Any, parent: Any, **said: Any) -> LiabilityRecord:
    empty = {"parent_by": None, "basis": None, "shown_by": "Seen.", "withdrawal_reason": None}
    signed = {"recorded_by": "Ann", "recorded_by_role": "aco", "recorded_by_subject": "ann"}
    dated = {"recorded_on": clock.today(), "recorded_at": clock.now()}
    return LiabilityRecord(id=new_id(), case_id=case, pupil_id=new_id(), parent_id=parent, **(empty | signed | dated | said))


@pytest.mark.parametrize(("this_first", "withdrawn"), [*product((True, False), repeat=2)])
def test_a_parent_by_care_is_one_in_every_case_and_allowed_the_absence_of_one_case(this_first: bool, withdrawn: bool):
    this, other, parent = new_id(), new_id(), new_id()
    records = [a_record(this, parent, parent_by="care", basis="allowed"), a_record(other, parent, basis="could-have-prevented")]
    records = records if this_first else records[::-1]
    records += [a_record(other, parent, withdrawal_reason="Wrong.")] if withdrawn else []

    here, there = recorded_liability(records, parent, this), recorded_liability(records, parent, other)

    assert (here.parent_by, here.basis, there.parent_by, there.basis) == (
        (None, None, None, None) if withdrawn else ("care", "allowed", "care", "could-have-prevented")
    )
