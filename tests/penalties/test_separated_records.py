"""A merger that is taken back: the second child's case is with its own school, sessions and authority again."""

from typing import Any

import pytest

from shared.contracts.event import Period, SessionRef
from shared.contracts.thresholds import OwnCrossing, ThresholdWithdrawn
from tests.penalties.chain import URN, Chain, both_sessions, days
from tests.penalties.test_two_records import LATER, THERE, TwoRecords

OTHER_LA = "935"


@pytest.fixture
def two(chain: Chain, registers: Any, today: Any) -> TwoRecords:
    made = TwoRecords(chain, registers)
    today("2026-10-13")
    return made


def own_sessions():
    return both_sessions(*LATER, urn=THERE)[:4]


def withdrawn_of_own(chain: Chain, *, met: bool = False) -> ThresholdWithdrawn:
    first = {"met_at": SessionRef(date=days(*LATER)[1], session="PM"), "window": Period(start=days(*LATER)[0], end=days(*LATER)[4])}
    part = OwnCrossing(
        urn=THERE,
        la_code=OTHER_LA,
        sessions=own_sessions(),
        **(first | {"earliest_time_bar": days("2027-04-05", "2027-04-05")[0]} if met else {}),
    )
    return chain.withdrawn(own_sessions()).model_copy(update={"own": part})


async def the_case(two: TwoRecords, case: str) -> Any:
    return await two.child.get(f"/v1/cases/{case}")


@pytest.mark.parametrize("order", ["roll first", "threshold first"])
@pytest.mark.parametrize("met", [True, False])
async def test_a_case_that_the_merger_made_is_its_own_child_s_again(two: TwoRecords, order: str, met: bool):
    await two.begin()
    await two.merge()
    await two.child.deliver(two.child.met(both_sessions("2026-09-14", "2026-09-18")))
    case = await two.case_of(two.child)
    foreign = two.child.api.as_("school", schools=[URN])
    before = (await foreign.get(f"/v1/cases/{case}")).status_code

    restored = withdrawn_of_own(two.child, met=met)
    if order == "roll first":
        await two.part()
        await two.child.deliver(restored)
    else:
        await two.child.deliver(restored)
        await two.part()

    shown = await the_case(two, case)
    assert (shown["urn"], shown["la_code"], shown["threshold"], shown["count"]) == (THERE, OTHER_LA, "withdrawn", 4)
    assert [(each["date"], each["urn"]) for each in shown["sessions"]] == [(str(each.date), THERE) for each in own_sessions()]
    assert (shown["met_at"]["date"] == str(days(*LATER)[1])) is met
    assert (before, (await foreign.get(f"/v1/cases/{case}")).status_code) == (200, 403)


async def test_a_closed_case_is_its_own_child_s_again_and_stays_closed(two: TwoRecords):
    await two.begin()
    await two.merge()
    await two.child.deliver(two.child.met(both_sessions("2026-09-14", "2026-09-18")))
    case = await two.case_of(two.child)
    await two.child.post(f"/v1/cases/{case}/decisions", {"decision": "no-action", "reason": "Moved abroad.", "parents": two.child.ids()})

    again = two.child.met(own_sessions() * 3, urn=THERE, la_code=OTHER_LA, sessions=tuple(own_sessions())).model_copy(
        update={"separated": True}
    )
    await two.child.deliver(again)

    shown = await the_case(two, case)
    assert (shown["urn"], shown["la_code"], shown["status"], len(shown["sessions"])) == (THERE, OTHER_LA, "closed", 4)


async def test_an_older_withdrawal_restores_nothing(two: TwoRecords):
    await two.begin()
    older = withdrawn_of_own(two.child)
    await two.child.deliver(two.child.met(both_sessions("2026-09-14", "2026-09-18")))
    case = await two.case_of(two.child)

    await two.child.deliver(older)

    assert (await the_case(two, case))["urn"] == URN
