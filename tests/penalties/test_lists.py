"""Lists of cases and notices come by deadline, a page at a time, with how many there are."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text, update

from services.penalties.tables.cases import cases
from services.penalties.tables.notices import improvement_notices, penalty_notices
from shared.ids import new_id
from tests.penalties.chain import URN

TODAY = date(2026, 9, 21)


async def add_cases(chain, bars: Sequence[date], **changes: Any) -> list[str]:
    """Add a case for each time bar, of a pupil each, in this order; return their ids."""
    async with chain.database.begin() as tx:
        row = dict((await tx.execute(cases.select().limit(1))).mappings().one())
        added = [{**row, "id": new_id(), "pupil_id": new_id(), "run_id": new_id(), "earliest_time_bar": bar, **changes} for bar in bars]
        await tx.execute(insert(cases), added)
    return [str(each["id"]) for each in added]


async def pages(chain, path: str) -> list[dict[str, Any]]:
    """Return every page of a list."""
    found = [await chain.get(path)]
    while after := found[-1]["next"]:
        found.append(await chain.get(f"{path}&after={after}"))
    return found


async def test_a_case_whose_time_bar_is_tomorrow_comes_first_of_384(chain):
    await chain.opened()
    far = await add_cases(chain, [TODAY + timedelta(days=200 - number % 150) for number in range(382)])
    urgent = await add_cases(chain, [TODAY + timedelta(days=1)])

    first = await chain.get("/v1/cases?status=open&limit=50")

    assert first["items"][0]["id"] == urgent[0]
    assert (len(first["items"]), first["first"], first["total"]) == (50, 1, 384)
    every = [item for page in await pages(chain, "/v1/cases?status=open&limit=100") for item in page["items"]]
    assert len({item["id"] for item in every}) == len(every) == 384
    assert {item["id"] for item in every} > set(far)
    bars = [item["earliest_time_bar"] for item in every]
    assert bars == sorted(bars)


async def test_time_bars_that_have_passed_hide_none_that_is_to_come(chain):
    case_id = await chain.opened()
    passed = await add_cases(chain, [TODAY - timedelta(days=2), TODAY - timedelta(days=9)])
    coming = await add_cases(chain, [TODAY, TODAY + timedelta(days=3)])
    closed = await add_cases(chain, [TODAY], status="closed", closed_on=TODAY)

    every = [item["id"] for item in (await chain.get("/v1/cases"))["items"]]

    assert every == [*coming, case_id, *passed[::-1], *closed]


async def test_closed_cases_come_the_latest_first(chain):
    await chain.opened()
    early = await add_cases(chain, [TODAY], status="closed", closed_on=date(2026, 9, 1))
    late = await add_cases(chain, [TODAY], status="closed", closed_on=date(2026, 9, 20))

    (page,) = await pages(chain, "/v1/cases?status=closed")

    assert ([item["id"] for item in page["items"]], page["total"]) == ([*late, *early], 2)


async def test_a_page_of_cases_names_the_page_before_it(chain):
    await chain.opened()
    await add_cases(chain, [TODAY + timedelta(days=number) for number in range(4)])

    first, second, third = await pages(chain, "/v1/cases?limit=2")

    assert [page["first"] for page in (first, second, third)] == [1, 3, 5]
    assert (first["previous"], second["previous"]) == (None, "")
    assert await chain.get(f"/v1/cases?limit=2&after={third['previous']}") == second


async def test_the_total_of_a_school_is_of_its_own_cases(chain, api):
    await chain.opened()
    await add_cases(chain, [TODAY] * 3, urn=100402)

    theirs = (await api.as_("school", schools=[URN]).get("/v1/cases?limit=1")).json()

    assert (theirs["total"], theirs["next"]) == (1, None)


async def test_an_overdue_notice_comes_by_its_last_day_and_an_ended_one_by_its_end(chain, today):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    fines = [notice["id"] for notice in await chain.fine(case_id)]
    async with chain.database.begin() as tx:
        for table, values in ((penalty_notices, {"status": "overdue"}),):
            await tx.execute(update(table).values(**values))
        for notice, day in zip(fines, (date(2026, 11, 9), date(2026, 10, 20)), strict=True):
            await tx.execute(update(penalty_notices).where(penalty_notices.c.id == UUID(notice)).values(final_deadline=day))

    first, second = await pages(chain, "/v1/penalty-notices?status=overdue&limit=1")

    assert [page["items"][0]["id"] for page in (first, second)] == fines[::-1]
    assert [page["total"] for page in (first, second)] == [2, 2]


async def test_ended_notices_to_improve_come_by_their_last_day(chain, today):
    case_id = await chain.opened()
    warned = await chain.warn(case_id)
    async with chain.database.begin() as tx:
        for notice, day in zip(warned, (date(2026, 11, 13), date(2026, 11, 6)), strict=True):
            chosen = update(improvement_notices).where(improvement_notices.c.id == UUID(notice))
            await tx.execute(chosen.values(status="served", ends_on=day))
    today("2026-11-16")

    first, second = await pages(chain, "/v1/notices-to-improve?status=ended&limit=1")

    assert [page["items"][0]["id"] for page in (first, second)] == warned[::-1]
    assert second["total"] == 2


async def test_money_to_look_into_comes_the_oldest_first(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    fines = [notice["id"] for notice in await chain.fine(case_id)]
    async with chain.database.begin() as tx:
        for notice, day in zip(fines, (date(2026, 9, 20), date(2026, 9, 2)), strict=True):
            part = update(penalty_notices).where(penalty_notices.c.id == UUID(notice))
            await tx.execute(part.values(paid_pence=1000, issued_on=day))

    first, second = await pages(chain, "/v1/suspense?limit=1")

    assert [page["items"][0]["notice_id"] for page in (first, second)] == fines[::-1]
    assert first["total"] == 2


@pytest.mark.parametrize("query", ["status = 'open' ORDER BY earliest_time_bar, id", "status = 'closed' AND urn = 100401 ORDER BY id"])
async def test_a_list_of_cases_is_read_by_an_index(chain, query: str):
    async with chain.database.begin() as tx:
        plan = "\n".join((await tx.execute(text(f"EXPLAIN SELECT id FROM cases WHERE {query} LIMIT 50"))).scalars())

    assert "Index" in plan
