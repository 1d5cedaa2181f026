"""Lists come a page at a time, in an order, and each page knows where it stands in the whole."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, MetaData, Table, Text, Uuid, func, insert, select, text

from shared.database import Database, Transaction, paging
from shared.database.columns import required
from shared.database.embedded import EmbeddedPostgres
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.ids import new_id
from shared.problems import Invalid

LISTED = Table(
    "listed",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    *required(Date, "due_on"),
    *required(Integer, "number"),
    *required(BigInteger, "big"),
    *required(Text, "name"),
    *required(Boolean, "over"),
)
FIRST = date(2026, 9, 1)
BY_DAY = Order((LISTED.c.due_on, LISTED.c.id))


@pytest_asyncio.fixture
async def tx(postgres: EmbeddedPostgres) -> AsyncIterator[Transaction]:
    """Give a transaction with seven rows, of which two and two are due on one day."""
    database = Database(postgres.provide("paging_test")[0])
    async with database.begin() as transaction:
        columns = "id uuid PRIMARY KEY, due_on date, number integer, big bigint, name text, over boolean"
        await transaction.execute(text(f"CREATE TEMP TABLE listed ({columns}) ON COMMIT DROP"))
        for number in (6, 2, 4, 0, 5, 1, 3):
            day = FIRST + timedelta(days=number // 2)
            row = {"id": new_id(), "due_on": day, "number": number, "big": number, "name": f"~{number}", "over": number > 4}
            await transaction.execute(insert(LISTED).values(row))
        yield transaction
    await database.dispose()


async def page_of(tx: Transaction, order: Order = BY_DAY, *, limit: int = 3, after: str | None = None) -> Listed[tuple[date, UUID]]:
    query = select(LISTED.c.due_on, LISTED.c.id)
    return await fetch_page(tx, query, lambda **row: (row["due_on"], row["id"]), order, PageQuery(limit, after))


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
@pytest.mark.parametrize("descending", [False, True])
async def test_every_row_is_on_one_page_in_the_order_asked_for(tx: Transaction, limit: int, descending: bool):
    order, after = Order(BY_DAY.columns, descending), None
    found: list[tuple[date, UUID]] = []
    while True:
        page = await page_of(tx, order, limit=limit, after=after)
        assert (page.first, page.total) == (len(found) + 1, 7)
        found += page.rows
        if page.next is None:
            break
        after = page.next

    assert found == sorted(set(found), reverse=descending)
    assert len(found) == 7


async def test_the_way_back_goes_over_the_same_pages(tx: Transaction):
    pages: list[Listed[tuple[date, UUID]]] = []
    after = None
    while not pages or pages[-1].next:
        pages.append(await page_of(tx, limit=3, after=after))
        after = pages[-1].next

    back = [await page_of(tx, limit=3, after=each.previous) for each in pages[1:]]

    assert [each.previous for each in pages[:2]] == [None, ""]
    assert back == pages[:-1]


async def test_an_empty_list_has_one_page_without_rows(tx: Transaction):
    await tx.execute(LISTED.delete())

    assert await page_of(tx) == Listed([], total=0)


async def test_a_row_that_is_gone_is_still_where_the_next_page_begins(tx: Transaction):
    first = await page_of(tx, limit=3)
    await tx.execute(LISTED.delete().where(LISTED.c.id == first.rows[-1][1]))

    page = await page_of(tx, limit=10, after=first.next)

    assert (len(page.rows), page.first, page.total) == (4, 3, 6)


async def test_a_list_may_be_ordered_by_values_of_every_kind_and_by_what_is_computed(tx: Transaction):
    columns = LISTED.c
    for key in ((columns.over, columns.id), (columns.name, columns.big), (func.coalesce(columns.due_on, FIRST), columns.number)):
        first = await page_of(tx, Order(key), limit=4)
        second = await page_of(tx, Order(key), limit=4, after=first.next)

        assert len({*first.rows, *second.rows}) == 7


async def test_a_list_that_is_longer_than_is_counted_has_no_total(tx: Transaction, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paging, "COUNTED", 6)

    assert [(await page_of(tx, limit=limit)).total for limit in (2, 7)] == [None, None]


@pytest.mark.parametrize(
    "after",
    ["nonsense", "9223372036854775808", "\x00", "W10", "bnVsbA", "WyIyMDI2LTA5LTAxIl0", "WyIyMDI2LTA5LTAxIiw0XQ", "WzQsNF0", "é"],
)
async def test_an_after_that_is_no_key_of_the_list_is_refused(tx: Transaction, after: str):
    with pytest.raises(Invalid):
        await page_of(tx, after=after)


@pytest.mark.parametrize(("column", "value"), [("number", 2**31), ("big", 2**63), ("name", "a\x00"), ("over", 1), ("number", True)])
async def test_a_key_that_the_column_cannot_hold_is_refused(tx: Transaction, column: str, value: object):
    order = Order((LISTED.c[column],))

    with pytest.raises(Invalid):
        await page_of(tx, order, after=paging._text([value]))
