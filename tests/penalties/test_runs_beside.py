"""Each run of the threshold has a case of its own, and neither case changes by what becomes of the other."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.penalties.case_file.domain.notices import Contact
from services.penalties.case_file.domain.sessions import OffencePeriod
from services.penalties.case_file.repository import cases
from services.penalties.case_file.use_cases.threshold import case_as_met
from services.penalties.evidence.domain import ThresholdView
from services.penalties.improvement.domain import ImprovementTerms
from services.penalties.improvement.use_cases.issue import issue_improvement_notices
from services.penalties.notices.use_cases.issue import Order, issue_penalty_notices
from shared.contracts.penalties import CaseClosed, CaseOpened
from shared.contracts.prosecutions import ProsecutionFileOpened
from shared.contracts.thresholds import ThresholdWithdrawn
from shared.database import Database
from shared.http import CallerInfo
from shared.ids import new_id
from tests.penalties.chain import IMPROVE, UPN, URN, Chain, both_sessions, judged, missing
from tests.penalties.paying import NOON, Provider, pay

THERE, LATER = 100402, ("2026-10-05", "2026-10-09")
OF_THE_RUN = ("urn", "la_code", "met_at", "window", "sessions", "counting", "counts", "findings", "earliest_time_bar", "threshold")


class Beside:
    """Two runs of one pupil: the chain's own, and a second one at another school."""

    def __init__(self, chain: Chain) -> None:
        self.chain, self.run = chain, new_id()

    async def first(self) -> str:
        return await self.chain.opened()

    async def second(self, revision: int = 1) -> None:
        met = self.chain.met(both_sessions(*LATER, urn=THERE), urn=THERE, run_id=self.run, revision=revision)
        await self.chain.deliver(met)

    async def shown(self) -> list[Any]:
        """The cases, that of the first run first."""
        found = (await self.chain.get(f"/v1/cases?upn={UPN}"))["items"]
        every = [await self.chain.get(f"/v1/cases/{case['id']}") for case in found]
        return sorted(every, key=lambda case: case["met_at"]["date"])


@pytest.fixture
def beside(chain: Chain, registers: Any, today: Any) -> Beside:
    today("2026-10-12")
    registers.judged[:] = [judged()]
    return Beside(chain)


async def somebody_waits(database: Database) -> bool:
    async with database.begin() as tx:
        return bool((await tx.execute(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))).scalar())


async def nothing(_: Chain, __: str) -> None:
    """The case is only open."""


async def support(chain: Chain, case: str) -> None:
    await chain.decide(case, "support", 0)


async def improvement_notice(chain: Chain, case: str) -> None:
    await chain.warn(case, 0)


async def penalty_notice(chain: Chain, case: str) -> None:
    await chain.ask_for_notices(case)
    await chain.fine(case, 0)


async def withdrawn_notice(chain: Chain, case: str) -> None:
    await chain.ask_for_notices(case)
    (notice,) = await chain.fine(case, 0)
    await chain.post(f"/v1/penalty-notices/{notice['id']}/withdrawal", {"ground": "material-error", "reason": "The period is wrong."})


async def court_file(chain: Chain, case: str) -> None:
    opened = ProsecutionFileOpened(
        file_id=new_id(), case_id=UUID(case), pupil_id=chain.pupil, parent_id=chain.parents[0], offence="s444", notice_ids=(),
        sessions=(), safe_limit=date(2027, 3, 14), outer_limit=date(2027, 3, 18), opened_on=date(2026, 10, 12),
    )  # fmt: skip
    await chain.deliver(opened)


async def no_action(chain: Chain, case: str) -> None:
    await chain.decide(case, "no-action")


STATES: list[Callable[[Chain, str], Awaitable[None]]] = [
    nothing, support, improvement_notice, penalty_notice, withdrawn_notice, court_file, no_action
]  # fmt: skip


@pytest.mark.parametrize("order", ["run last", "run first"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_a_second_run_beside_any_state_of_the_first_opens_its_own_case(
    beside: Beside, state: Callable[[Chain, str], Awaitable[None]], order: str
):
    first = await beside.first()
    before = await beside.chain.get(f"/v1/cases/{first}")

    if order == "run last":
        await state(beside.chain, first)
        await beside.second()
    else:
        await beside.second()
        await state(beside.chain, first)

    older, newer = await beside.shown()
    assert older["id"] == first
    assert {name: older[name] for name in OF_THE_RUN} == {name: before[name] for name in OF_THE_RUN}
    assert (newer["urn"], newer["status"], newer["count"], newer["decisions"], newer["notices"]) == (THERE, "open", 10, [], [])


async def test_two_runs_that_arrive_at_once_open_two_cases(beside: Beside):
    first, second = beside.chain.met(), beside.chain.met(both_sessions(*LATER, urn=THERE), urn=THERE, run_id=beside.run, revision=1)

    await beside.chain.deliver(beside.chain.roll(), second, first)

    assert [case["urn"] for case in await beside.shown()] == [URN, THERE]
    assert [type(event) for event in await beside.chain.published()] == [CaseOpened, CaseOpened]


@pytest.mark.parametrize("which", [0, 1])
async def test_a_threshold_that_is_withdrawn_leaves_the_other_runs_case_as_it_is(beside: Beside, which: int):
    await beside.first()
    await beside.second()

    run, revision = (beside.run, 2) if which else (beside.chain.run, 9)
    withdrawn = ThresholdWithdrawn(run_id=run, revision=revision, pupil_id=beside.chain.pupil, count=0, counting=())
    await beside.chain.deliver(withdrawn)

    thresholds = [case["threshold"] for case in await beside.shown()]
    assert (thresholds[which], thresholds[1 - which]) == ("withdrawn", "met")


async def test_each_case_shows_the_other_open_ones_of_the_child_to_those_who_may_see_them(beside: Beside):
    await beside.first()
    await beside.second()
    older, newer = await beside.shown()

    shown = [{"id": newer["id"], "urn": THERE, "met_at": newer["met_at"], "status": "open"}]
    assert older["other_cases"] == shown
    assert [each["id"] for each in newer["other_cases"]] == [older["id"]]
    of_another_school = await beside.chain.api.as_("school", schools=[THERE]).get(f"/v1/cases/{newer['id']}")
    assert of_another_school.json()["other_cases"] == []

    await beside.chain.decide(newer["id"], "no-action")
    assert (await beside.chain.get(f"/v1/cases/{older['id']}"))["other_cases"] == []


async def test_a_closed_case_leaves_the_amended_marks_to_the_open_one_beside_it(beside: Beside):
    first = await beside.first()
    await beside.second()
    await beside.chain.deliver(beside.chain.register("2026-09-14", "AM", "I", 2))
    _, newer = await beside.shown()

    await beside.chain.decide(newer["id"], "no-action")
    await beside.chain.ask_for_notices(first)
    (notice,) = await beside.chain.fine(first, 0)

    assert len((await beside.chain.get(f"/v1/penalty-notices/{notice['id']}"))["sessions"]) == 9


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_cases_that_close_one_after_the_other_each_set_aside(beside: Beside, order: tuple[int, ...]):
    await beside.first()
    await beside.second()
    both = await beside.shown()

    for which in order:
        await beside.chain.decide(both[which]["id"], "no-action")

    closed = [event for event in await beside.chain.published() if isinstance(event, CaseClosed)]
    assert [(str(each.case_id), each.set_aside_to) for each in closed] == [(both[which]["id"], date(2026, 10, 12)) for which in order]


async def test_the_same_sessions_under_another_run_belong_to_the_case_that_they_opened(beside: Beside):
    """As thresholds publishes it where it came back from an old copy without its runs."""
    first = await beside.first()

    await beside.chain.deliver(beside.chain.met(run_id=beside.run, revision=1))
    await beside.chain.deliver(beside.chain.met(both_sessions("2026-09-14", "2026-09-21"), run_id=beside.run, revision=2))

    (case,) = await beside.shown()
    assert (case["id"], case["count"]) == (first, 12)


async def test_an_older_case_that_a_newer_run_took_over_is_the_newer_runs(beside: Beside):
    """As the version before stored it: both runs belong to the case, which has the content of the newer one."""
    chain, case = beside.chain, new_id()
    await chain.deliver(chain.roll(), chain.parents_changed())
    newer = chain.met(both_sessions(*LATER, urn=THERE), urn=THERE, run_id=beside.run, revision=3)
    async with chain.database.begin() as tx:
        await cases.add_case(tx, case_as_met(newer, case, chain.pupil, date(2026, 9, 21)))
        for run, revision in ((chain.run, 1), (beside.run, 3)):
            await cases.save_run(tx, cases.RunRow(run, chain.pupil, case, revision))

    await chain.deliver(chain.met(revision=2))
    (shown,) = await beside.shown()
    assert (shown["id"], shown["urn"], shown["count"]) == (str(case), THERE, 10)

    await chain.deliver(chain.met(both_sessions("2026-10-05", "2026-10-12", urn=THERE), urn=THERE, run_id=beside.run, revision=4))
    (shown,) = await beside.shown()
    assert shown["count"] == 12


async def test_two_notices_at_once_in_two_cases_never_rely_on_one_session_twice(beside: Beside):
    chain = beside.chain
    first = await beside.first()
    await chain.deliver(chain.met(both_sessions("2026-09-15", "2026-09-21"), run_id=beside.run, revision=1, urn=THERE))
    second = next(case["id"] for case in await beside.shown() if case["id"] != first)
    for case in (first, second):
        await chain.ask_for_notices(case, 0)
    order = Order((chain.parents[0],), OffencePeriod(date(2026, 9, 14), date(2026, 9, 18)), "other")
    officer = CallerInfo("officer", "Ann Officer", frozenset({"aco"}))

    async with chain.database.begin() as tx:
        await issue_penalty_notices(tx, officer, UUID(first), order, ThresholdView({}, {}), None)
        other = asyncio.create_task(chain.fine(second, 0, expect=409))
        async with asyncio.timeout(10):
            while not await somebody_waits(chain.database):
                assert not other.done()

    assert missing(await other) == ["no-sessions"]


async def test_two_notices_to_improve_at_once_in_two_cases_never_run_beside_each_other(beside: Beside):
    chain = beside.chain
    first = await beside.first()
    await beside.second()
    second = next(case["id"] for case in await beside.shown() if case["id"] != first)
    for case in (first, second):
        await chain.decide(case, "notice-to-improve", 0)
    terms = ImprovementTerms("Two meetings.", "The drop-in.", Contact("J. Officer"), "No further absence.", None)
    officer = CallerInfo("officer", "Ann Officer", frozenset({"aco"}))

    async with chain.database.begin() as tx:
        await issue_improvement_notices(tx, officer, UUID(first), [chain.parents[0]], terms)
        body = {"parents": chain.ids()[:1], **IMPROVE}
        other = asyncio.create_task(chain.post(f"/v1/cases/{second}/notices-to-improve", body, role="aco", expect=409))
        async with asyncio.timeout(10):
            while not await somebody_waits(chain.database):
                assert not other.done()

    assert missing(await other) == ["already-running"]


async def test_a_penalty_notice_waits_for_the_notice_to_improve_of_another_case_to_that_parent_alone(beside: Beside):
    chain = beside.chain
    first = await beside.first()
    await chain.warn(first, 0)
    await beside.second()
    second = next(case["id"] for case in await beside.shown() if case["id"] != first)
    await chain.ask_for_notices(second)

    later: dict[str, Any] = {"first": LATER[0], "last": LATER[1]}
    assert missing(await chain.fine(second, 0, **later, expect=409)) == ["notice-to-improve-running"]
    assert len(await chain.fine(second, 1, **later)) == 1


async def test_a_case_that_is_paid_closes_and_leaves_the_one_beside_it_open(
    beside: Beside, provider: Provider, today: Callable[[str], None]
):
    chain = beside.chain
    today("2026-10-12")
    first = await beside.first()
    await chain.decide(first, "no-action", 1)
    await chain.ask_for_notices(first, 0)
    (notice,) = await chain.fine(first, 0)
    await chain.deliver(chain.served(notice["id"], "2026-11-16"))
    await beside.second()
    today("2026-12-08")

    await pay(chain.api, chain.database, provider, UUID(notice["id"]), NOON)

    older, newer = await beside.shown()
    assert (older["status"], older["outcome"], newer["status"], newer["urn"]) == ("closed", "paid", "open", THERE)
