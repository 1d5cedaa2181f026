"""What penalty notices for one absence would cost a family, by the notices that are stored about each parent and child."""

from datetime import date

import pytest

from shared.contracts.registers import ParentChanged, PupilParent
from tests.penalties.chain import URN, Chain

OFFENCE = {"from": "2026-09-14", "to": "2026-09-18"}
OTHER = 100777


@pytest.fixture
async def case(chain):
    return await chain.opened()


async def a_sibling(chain: Chain, urn=URN, left_on=None, la_code="881"):
    """Return a brother of the pupil at a school, with the same parents."""
    sibling = Chain(chain.database, chain.api)
    sibling.parents = chain.parents
    await sibling.deliver(
        sibling.roll((urn, "2025-09-01", left_on), upn="D881400020404", la_code=la_code),
        ParentChanged(
            pupil_id=sibling.pupil,
            parents=tuple(PupilParent(parent_id=each, urn=urn, open_match=False) for each in chain.parents),
            revision=1,
        ),
    )
    return sibling


async def assess(chain, case, *pairs, role="aco", **more):
    notices = [{"parent_id": str(parent), "pupil_id": str(pupil)} for parent, pupil in pairs]
    caller = {name: more.pop(name) for name in ("schools", "la_code") if name in more}
    return await chain.api.as_(role, **caller).post(
        f"/v1/cases/{case}/family-assessments", {"offence": OFFENCE, "notices": notices, **more}
    )


async def both(chain, case, sibling, **more):
    pairs = [(parent, pupil) for pupil in (chain.pupil, sibling.pupil) for parent in chain.parents]
    return await assess(chain, case, *pairs, **more)


async def test_two_parents_of_two_children_would_pay_four_first_notices(chain, case):
    found = (await both(chain, case, await a_sibling(chain))).json()

    assert [(each["tier"], each["early_pence"], each["full_pence"]) for each in found["items"]] == [("first", 8000, 16000)] * 4
    assert (found["early_pence"], found["full_pence"], found["proposed_on"]) == (32000, 64000, "2026-09-21")


async def test_a_notice_to_one_parent_about_one_child_raises_that_pair_alone(chain, case):
    await chain.ask_for_notices(case, 0)
    await chain.fine(case, 0)

    found = (await both(chain, case, await a_sibling(chain))).json()

    assert [each["tier"] for each in found["items"]] == ["second", "first", "first", "first"]
    assert (found["early_pence"], found["full_pence"]) == (16000 + 3 * 8000, 4 * 16000)


async def test_a_pair_named_twice_counts_once(chain, case):
    pair = (chain.parents[0], chain.pupil)

    found = (await assess(chain, case, pair, pair)).json()

    assert (len(found["items"]), found["early_pence"]) == (1, 8000)


async def test_a_stranger_is_no_parent(chain, case):
    assert (await assess(chain, case, (chain.pupil, chain.pupil))).status_code == 422


@pytest.mark.parametrize(
    ("urn", "left_on", "caller", "status"),
    [
        (URN, None, {"role": "school", "schools": [URN]}, 200),
        (URN, date(2026, 9, 21), {"role": "school", "schools": [URN]}, 200),
        (URN, date(2026, 9, 20), {"role": "school", "schools": [URN]}, 403),
        (OTHER, None, {"role": "school", "schools": [URN]}, 403),
        (OTHER, None, {"role": "aco", "la_code": "881"}, 200),
        (OTHER, None, {"role": "aco"}, 200),
    ],
)
async def test_a_sibling_is_assessed_within_the_reach_of_who_asks(chain, case, urn, left_on, caller, status):
    sibling = await a_sibling(chain, urn, left_on.isoformat() if left_on else None)

    assert (await both(chain, case, sibling, **caller)).status_code == status


async def test_a_sibling_of_another_authority_is_out_of_reach_of_an_officer_of_this_one(chain, case):
    sibling = await a_sibling(chain, OTHER, la_code="935")

    assert (await both(chain, case, sibling, la_code="881")).status_code == 403
    assert (await both(chain, case, sibling)).status_code == 200
