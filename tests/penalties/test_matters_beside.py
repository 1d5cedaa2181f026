"""What happens about one parent beside what happens about the other, in both orders and at once; a case that opens again."""

import asyncio
from uuid import UUID

import pytest

from services.penalties.app import SERVICE
from services.penalties.case_file.repository.matters import matter_rows
from services.penalties.case_file.use_cases.matters import judge_matters
from shared.contracts.penalties import CaseClosed, CaseOpened
from shared.contracts.registers import ParentChanged, PupilParent
from shared.ids import new_id
from tests.penalties.chain import URN, Chain
from tests.support.invariants import broken_states

STATES = {"to-consider": 0, "support": 0, "notice-to-improve": 0, "requested": 0, "agreed": 0, "penalty-notice": 0, "ended": 0}


async def bring_to(chain: Chain, case: str, which: int, state: str) -> None:
    """Bring one parent's matter to a state, by the API alone."""
    if state == "support":
        await chain.decide(case, "support", which)
    if state == "notice-to-improve":
        await chain.warn(case, which)
    if state in {"requested", "agreed", "penalty-notice", "ended"}:
        await chain.decide(case, "penalty-notice", which, no_improvement_notice_reason="A holiday.")
    if state in {"agreed", "penalty-notice", "ended"}:
        body = {"agreed": True, "recommendation": "penalty-notice", "reason": "Evident.", "parents": chain.ids(which)}
        await chain.post(f"/v1/cases/{case}/agreement", body)
    if state in {"penalty-notice", "ended"}:
        (notice,) = await chain.fine(case, which)
        if state == "ended":
            await chain.post(
                f"/v1/penalty-notices/{notice['id']}/withdrawal", {"ground": "wrong-person", "reason": "No care of the child."}
            )


async def stages(chain: Chain, case: str) -> dict[str, tuple[str, str | None]]:
    shown = (await chain.get(f"/v1/cases/{case}"))["parents"]
    return {each["id"]: (each["matter"]["stage"], each["matter"]["outcome"]) for each in shown}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("first", ["the mother", "the father"])
async def test_no_action_about_one_parent_leaves_every_state_of_the_other_as_it_is(chain: Chain, state: str, first: str) -> None:
    case = await chain.opened()
    if first == "the mother":
        await chain.decide(case, "no-action", 0)
    await bring_to(chain, case, 1, state)
    if first == "the father":
        await chain.decide(case, "no-action", 0)

    mother, father = chain.ids()
    assert await stages(chain, case) == {mother: ("ended", "no-action"), father: (state, "withdrawn" if state == "ended" else None)}
    assert (await chain.get(f"/v1/cases/{case}"))["status"] == ("closed" if state == "ended" else "open")
    assert await broken_states(chain.database, SERVICE) == set()


@pytest.mark.parametrize("state", STATES)
async def test_a_withdrawal_of_one_parent_s_notice_leaves_every_state_of_the_other_as_it_is(chain: Chain, state: str) -> None:
    case = await chain.opened()
    await bring_to(chain, case, 1, state)
    await bring_to(chain, case, 0, "ended")

    mother, father = chain.ids()
    assert await stages(chain, case) == {mother: ("ended", "withdrawn"), father: (state, "withdrawn" if state == "ended" else None)}
    assert await broken_states(chain.database, SERVICE) == set()


async def test_no_action_about_one_parent_and_an_agreement_about_the_other_at_once_both_hold(chain: Chain) -> None:
    case = await chain.opened()
    await bring_to(chain, case, 1, "requested")
    body = {"agreed": True, "recommendation": "penalty-notice", "reason": "Evident."}

    await asyncio.gather(chain.decide(case, "no-action", 0), chain.post(f"/v1/cases/{case}/agreement", body))

    mother, father = chain.ids()
    assert await stages(chain, case) == {mother: ("ended", "no-action"), father: ("agreed", None)}


@pytest.mark.parametrize("first", ["no action", "the agreement"])
async def test_an_agreement_and_no_action_about_one_parent_end_as_no_action_in_either_order(chain: Chain, first: str) -> None:
    case = await chain.opened()
    await bring_to(chain, case, 0, "requested")
    if first == "the agreement":
        await chain.agree(case)
    await chain.decide(case, "no-action", 0)
    if first == "no action":
        await chain.agree(case)

    assert (await stages(chain, case))[chain.ids(0)[0]] == ("ended", "no-action")
    assert "matter-ended" in str(await chain.fine(case, 0, expect=409))


async def test_no_action_about_a_parent_waits_while_their_agreed_prosecution_has_no_file(chain: Chain) -> None:
    case = await chain.opened()
    await chain.decide(case, "prosecution", 0, no_improvement_notice_reason="A third notice is not possible.")
    await chain.agree(case, "prosecution")

    refused = await chain.decide(case, "no-action", 0, expect=409)

    assert [each["code"] for each in refused["missing"]] == ["prosecution-agreed"]
    await chain.decide(case, "no-action", 1)


async def test_the_authority_s_word_about_one_parent_leaves_its_agreement_about_the_other(chain: Chain) -> None:
    case = await chain.opened()
    await bring_to(chain, case, 0, "agreed")
    await bring_to(chain, case, 1, "requested")

    declined = {"agreed": False, "recommendation": "neither", "reason": "Support first.", "parents": chain.ids(1)}
    await chain.post(f"/v1/cases/{case}/agreement", declined)

    mother, father = chain.ids()
    assert await stages(chain, case) == {mother: ("agreed", None), father: ("requested", None)}
    assert len(await chain.fine(case, 0)) == 1


async def test_an_agreement_for_a_period_covers_no_notice_beyond_it(chain: Chain) -> None:
    case = await chain.opened()
    await bring_to(chain, case, 0, "requested")
    body = {"agreed": True, "recommendation": "penalty-notice", "reason": "Evident.", "offence": {"from": "2026-09-14", "to": "2026-09-16"}}
    await chain.post(f"/v1/cases/{case}/agreement", body)

    assert [each["code"] for each in (await chain.fine(case, 0, expect=409))["missing"]] == ["agreed-period"]
    assert len(await chain.fine(case, 0, last="2026-09-16")) == 1


@pytest.mark.parametrize(("day", "status"), [("2027-03-14", "open"), ("2027-03-15", "closed")])
async def test_a_parent_who_is_found_later_opens_a_closed_case_within_its_time_bar(chain: Chain, today, day: str, status: str) -> None:
    case = await chain.opened()
    await chain.decide(case, "no-action")
    today(day)

    late = new_id()
    await chain.deliver(chain.parents_changed(revision=2, ids=[*chain.parents, late]))

    assert (await chain.get(f"/v1/cases/{case}"))["status"] == status
    revisions = [(event.name, event.revision) for event in await chain.published() if isinstance(event, CaseOpened | CaseClosed)]
    again = [("case-opened", 3)] if status == "open" else []
    assert revisions == [("case-opened", 1), ("case-closed", 2), *again]
    async with chain.database.begin() as tx:
        stored = {row.parent_id: row.stage for row in await matter_rows(tx, UUID(case))}
    assert stored.get(late) == ("to-consider" if status == "open" else None)


async def test_two_persons_who_are_one_have_one_matter_and_the_other_stays_readable(chain: Chain) -> None:
    case = await chain.opened()
    await chain.warn(case, 1)
    mother, same = chain.parents
    born = {"urn": URN, "relationship": "mother"}
    one = PupilParent(parent_id=mother, formerly=(same,), **born)

    await chain.deliver(ParentChanged(pupil_id=chain.pupil, parents=(one,), revision=2))

    async with chain.database.begin() as tx:
        stored = {row.parent_id: (row.stage, row.outcome) for row in await matter_rows(tx, UUID(case))}
    assert stored == {mother: ("notice-to-improve", None), same: ("ended", "merged")}
    assert await broken_states(chain.database, SERVICE) == set()


async def test_judging_again_changes_and_publishes_nothing(chain: Chain) -> None:
    case = await chain.opened()
    await bring_to(chain, case, 0, "penalty-notice")
    await chain.decide(case, "no-action", 1)
    async with chain.database.begin() as tx:
        before = await matter_rows(tx, UUID(case))
    names = await chain.published_names()

    async with chain.database.begin() as tx:
        await judge_matters(tx, UUID(case))
        assert await matter_rows(tx, UUID(case)) == before
    assert await chain.published_names() == names
