"""The months of the marks are made when they are needed, by whoever needs them first."""

import asyncio
from datetime import date

from sqlalchemy import text

from services.registers.marks.repository import marks
from tests.registers.given import A, B, a_pupil, a_register, a_school

LAST_MONTH, THIS_MONTH = date(2031, 4, 7), date(2031, 5, 6)


async def test_two_registers_of_a_new_month_at_once_make_it_once(database):
    async with database.engine.connect() as second:
        async with second.begin():
            await marks.make_partition(second, LAST_MONTH)  # so that this session has plans and caches, as one of a pool has
        async with second.begin():
            assert (await second.execute(text("SELECT to_regclass(:name)"), {"name": marks.month_of(THIS_MONTH)})).scalar() is None
            async with database.begin() as first:
                await marks.make_partition(first, THIS_MONTH)
                waiting = asyncio.create_task(marks.make_partition(second, THIS_MONTH))
                while not waiting.done() and not await _somebody_waits(database):
                    pass
            await waiting
            found = await second.execute(text("SELECT count(*) FROM marks WHERE date = :day"), {"day": THIS_MONTH})

    assert found.scalar() == 0


async def test_schools_that_send_the_first_registers_of_a_month_at_once_are_all_stored(api):
    for urn in (A, B):
        await a_school(api, urn)
        await a_pupil(api, urn=urn)

    found = await asyncio.gather(*(a_register(api, (1, "/"), urn=urn, day="2027-02-01") for urn in (A, B)))

    assert [each["recorded"] for each in found] == [1, 1]


async def _somebody_waits(database):
    async with database.begin() as tx:
        return (await tx.execute(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))).scalar()
