"""A case is locked before its notices, by everyone: two who lock them in different orders would stop each other."""

import asyncio
from datetime import date

from sqlalchemy import select, text

from services.penalties.app import SERVICE
from services.penalties.case_file.repository.cases import find_case
from services.penalties.tables.notices import penalty_notices
from shared.contracts.prosecutions import ProsecutionConcluded
from shared.database import Database
from shared.ids import new_id
from tests.penalties.paying import a_notice, notice_row
from tests.support import deliver


async def _somebody_waits(database: Database) -> bool:
    async with database.begin() as tx:
        return bool((await tx.execute(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))).scalar())


async def test_a_court_s_decision_waits_for_the_case_before_it_locks_the_notice(database: Database):
    notice_id = await a_notice(database)
    notice = await notice_row(database, notice_id)
    decided = ProsecutionConcluded.of(
        notice, file_id=new_id(), notice_ids=(notice_id,), outcome="not-guilty", acquitted=True, concluded_on=date(2027, 2, 1)
    )

    async with database.begin() as officer:
        await find_case(officer, notice.case_id, lock=True)
        deciding = asyncio.create_task(deliver(database, SERVICE, decided))
        async with asyncio.timeout(10):
            while not await _somebody_waits(database):
                assert not deciding.done()
        free = select(penalty_notices.c.id).where(penalty_notices.c.id == notice_id).with_for_update(nowait=True)
        assert (await officer.execute(free)).scalar() == notice_id
    await deciding

    assert (await notice_row(database, notice_id)).acquitted
