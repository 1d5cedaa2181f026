"""A case without a decision after ten school days is on the list of its school and of the authority's officers."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, text

from services.penalties.tables.cases import cases
from services.penalties.tables.projections import calendars
from shared.ids import new_id
from tests.penalties.chain import URN

OTHER = 100402
LIST = "/v1/undecided-cases"


async def undecided(chain, role: str = "manager", query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await chain.get(f"{LIST}{query}", role))["items"]
    return found


@pytest.mark.parametrize("role", ["school", "aco", "manager"])
async def test_an_undecided_case_is_listed_from_the_eleventh_school_day(chain, today, role: str):
    case = await chain.opened()
    seen = []
    for day in ("2026-10-05", "2026-10-06"):
        today(day)
        seen.append([(each["id"], each["due_on"], each["school_days"]) for each in await undecided(chain, role)])

    assert seen == [[], [(case, "2026-10-05", 11)]]


@pytest.mark.parametrize("decision", ["support", "notice-to-improve", "no-action"])
async def test_any_decision_takes_a_case_from_the_list(chain, today, decision: str):
    case = await chain.opened()
    today("2026-10-12")
    before = await undecided(chain)

    await chain.decide(case, decision)

    assert [each["id"] for each in before] == [case]
    assert await undecided(chain) == []


async def test_a_case_of_another_school_is_not_on_the_list_of_a_school(chain, today):
    await chain.opened()
    async with chain.database.begin() as tx:
        row = dict((await tx.execute(cases.select().limit(1))).mappings().one())
        await tx.execute(insert(cases).values({**row, "id": new_id(), "pupil_id": new_id(), "run_id": new_id(), "urn": OTHER}))
    today("2026-10-12")

    assert {each["urn"] for each in await undecided(chain)} == {URN, OTHER}
    assert {each["urn"] for each in await undecided(chain, "school")} == {URN}
    assert {each["urn"] for each in await undecided(chain, query=f"?urn={OTHER}")} == {OTHER}


async def test_working_days_stand_in_for_a_calendar_that_has_not_arrived(chain, today):
    await chain.opened()
    async with chain.database.begin() as tx:
        await tx.execute(calendars.delete())
    today("2026-10-06")

    (listed,) = await undecided(chain)

    assert (listed["due_on"], listed["by_calendar"]) == ("2026-10-05", False)


async def test_each_school_waits_by_its_own_calendar(chain, today):
    await chain.opened()
    async with chain.database.begin() as tx:
        row = dict((await tx.execute(cases.select().limit(1))).mappings().one())
        await tx.execute(insert(cases).values({**row, "id": new_id(), "pupil_id": new_id(), "run_id": new_id(), "urn": OTHER}))
    await chain.deliver(chain.calendar("2026-27", OTHER, closed={"2026-09-25"}))
    seen = []
    for day in ("2026-10-06", "2026-10-07"):
        today(day)
        seen.append([(each["urn"], each["due_on"], each["by_calendar"]) for each in await undecided(chain)])

    assert seen[0] == [(URN, "2026-10-05", True)]
    assert sorted(seen[1]) == [(URN, "2026-10-05", True), (OTHER, "2026-10-06", True)]


async def test_undecided_cases_come_the_oldest_first_a_page_at_a_time(chain, today):
    await chain.opened()
    async with chain.database.begin() as tx:
        row = dict((await tx.execute(cases.select().limit(1))).mappings().one())
        opened = [date(2026, 9, number) for number in (14, 7, 14, 3)]
        await tx.execute(
            insert(cases), [{**row, "id": new_id(), "pupil_id": new_id(), "run_id": new_id(), "opened_on": day} for day in opened]
        )
    today("2026-10-12")

    first = await chain.get(f"{LIST}?limit=3")
    second = await chain.get(f"{LIST}?limit=3&after={first['next']}")

    every = [each["opened_on"] for each in [*first["items"], *second["items"]]]
    assert every == ["2026-09-03", "2026-09-07", "2026-09-14", "2026-09-14", "2026-09-21"]
    assert (first["total"], second["next"]) == (5, None)


async def test_the_time_from_the_threshold_to_the_first_decision_is_measured(chain, today):
    case = await chain.opened()
    waiting = await chain.get(f"/v1/cases/{case}/first-decision", "school")
    today("2026-10-07")
    late = await chain.get(f"/v1/cases/{case}/first-decision")
    await chain.decide(case, "support")
    today("2026-11-30")
    await chain.decide(case, "no-action")
    decided = await chain.get(f"/v1/cases/{case}/first-decision")

    assert (waiting["due_on"], waiting["decided_on"], waiting["school_days"], waiting["late"]) == ("2026-10-05", None, 0, False)
    assert (late["school_days"], late["late"]) == (12, True)
    assert (decided["decided_on"], decided["school_days"], decided["late"]) == ("2026-10-07", 12, True)
    assert decided["finding"]["provision"] == "first_decision_days"


async def test_an_undecided_case_is_listed_for_the_school_to_which_the_pupil_has_moved(chain, api, today):
    case = await chain.opened()
    await chain.deliver(chain.roll((URN, "2025-09-01", "2026-10-02"), (OTHER, "2026-10-05", None), revision=2))
    today("2026-10-12")

    seen = {}
    for urn in (URN, OTHER):
        found = (await api.as_("school", schools=[urn]).get(LIST)).json()["items"]
        seen[urn] = [each["id"] for each in found]
        named = (await chain.get(f"{LIST}?urn={urn}"))["items"]
        assert [each["id"] for each in named] == [case]

    assert seen == {URN: [case], OTHER: [case]}


async def test_a_case_opened_by_hand_below_the_threshold_waits_for_a_decision_too(chain, today):
    await chain.opened()
    async with chain.database.begin() as tx:
        row = dict((await tx.execute(cases.select().limit(1))).mappings().one())
        by_hand = {"id": new_id(), "pupil_id": new_id(), "run_id": new_id(), "threshold": "below", "by_hand": True}
        await tx.execute(insert(cases).values({**row, **by_hand}))
    today("2026-10-12")

    assert sorted(each["threshold"] for each in await undecided(chain)) == ["below", "met"]


async def test_the_cases_of_a_month_are_read_by_an_index(chain):
    async with chain.database.begin() as tx:
        await tx.execute(text("SET LOCAL enable_seqscan = off"))
        asked = "EXPLAIN SELECT id FROM cases WHERE opened_on BETWEEN '2026-09-01' AND '2026-09-30'"
        plan = "\n".join((await tx.execute(text(asked))).scalars())

    assert "ix_cases_opened_on" in plan
