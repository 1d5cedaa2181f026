"""Due work is paused while a clock cannot be right and after a long absence, until the clock returns or a person confirms it."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Column, Date, Integer, MetaData, Table, text

from shared import clock, jobs, pauses
from shared.clock import ClockStrayed, Watch
from shared.database import NAMING, Database, Transaction, platform_tables
from shared.due_work import DueWork, in_one_transaction
from shared.pauses import Pauses
from shared.service import Service
from tests.support import service_fixtures

metadata = MetaData(naming_convention=NAMING)
platform_tables(metadata)
Table("bills", metadata, Column("id", Integer, primary_key=True), Column("due_on", Date), Column("overdue_on", Date))

FOLDER = Path(tempfile.mkdtemp(prefix="migrations-"))
(FOLDER / "0001_platform.py").write_text(
    "from alembic import op\nfrom tests.support.platform import create_platform\nrevision, down_revision = '0001', None\n"
    "def upgrade():\n    create_platform()\n    op.execute('CREATE TABLE bills (id integer CONSTRAINT pk_bills PRIMARY KEY, due_on date, overdue_on date)')\n"
)
DAYS_40, DAYS_50 = timedelta(days=40), timedelta(days=50)
MINUTE = timedelta(minutes=1)


@dataclass
class Clocks:
    """A clock that is set wrong by `ahead`, and a steady one that goes on by `passed` more than time does."""

    ahead: timedelta = timedelta()
    passed: timedelta = timedelta()
    at_reading: Callable[[], None] = field(default=lambda: None)

    def wall(self) -> datetime:
        self.at_reading()
        return datetime.now(UTC) + self.ahead + self.passed  # noqa: TID251 -- it stands for the machine's

    def steady(self) -> float:
        return time.monotonic() + self.passed.total_seconds()

    def watch(self) -> Watch:
        return Watch(self.wall, self.steady)


@pytest.fixture(autouse=True)
def no_moved_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATTENDANCE_TODAY", raising=False)
    monkeypatch.setattr(pauses, "PAUSED_SECONDS", 0.0)


async def find_due(tx: Transaction, _job: str, limit: int) -> list[str]:
    due = text("SELECT id FROM bills WHERE overdue_on IS NULL AND due_on < :today LIMIT :limit")
    return [str(key) for key in (await tx.execute(due, {"today": clock.today(), "limit": limit})).scalars()]


async def mark(tx: Transaction, keys: Sequence[str]) -> int:
    marking = text("UPDATE bills SET overdue_on = :today WHERE id = ANY(:keys) AND due_on < :today")
    return (await tx.execute(marking, {"today": clock.today(), "keys": [int(key) for key in keys]})).rowcount


BILLS = DueWork("bills", find_due, in_one_transaction(mark), batch=10)
SERVICE = Service("bills", "Bills", "One job", metadata, FOLDER, [], jobs={"bills": BILLS})
database, tx, api = service_fixtures(SERVICE)


async def add_bill(database: Database, due_on: date) -> None:
    async with database.begin() as tx:
        await tx.execute(text("INSERT INTO bills (id, due_on) VALUES (1, :due)"), {"due": due_on})


async def overdue(database: Database) -> int:
    async with database.begin() as tx:
        return int((await tx.execute(text("SELECT count(*) FROM bills WHERE overdue_on IS NOT NULL"))).scalar_one())


async def worked(database: Database, ago: timedelta) -> None:
    async with database.begin() as tx:
        await tx.execute(text("INSERT INTO due_work_pause (id, worked_at) VALUES (1, :at)"), {"at": clock.now() - ago})


async def cause(database: Database) -> str | None:
    async with database.begin() as tx:
        stored = await pauses.read_pause(tx)
    return stored.cause if stored else None


async def test_a_clock_that_leaves_the_steady_one_pauses_due_work_until_it_returns(database: Database):
    clocks = Clocks()
    worker = Pauses(database, clocks.watch())
    assert not await worker.paused()

    clocks.ahead = DAYS_40
    assert await worker.paused()
    assert await cause(database) == "clock"
    clocks.ahead = timedelta(minutes=59)
    assert not await worker.paused()
    assert await cause(database) is None


async def test_a_clock_that_is_set_back_pauses_due_work(database: Database):
    clocks = Clocks()
    worker = Pauses(database, clocks.watch())
    assert not await worker.paused()

    clocks.ahead = -DAYS_40
    assert await worker.paused()


async def test_a_clock_that_strays_while_a_job_runs_undoes_the_job(database: Database):
    clocks, stopping = Clocks(), asyncio.Event()
    await add_bill(database, clock.today() + timedelta(days=20))
    worker = Pauses(database, clocks.watch())
    rounds: list[int] = []

    async def job(database: Database) -> int:
        rounds.append(1)
        clocks.ahead = DAYS_40  # after the worker had looked, before the job reads the date
        try:
            return await BILLS(database)
        except ClockStrayed:
            clocks.ahead = timedelta()
            stopping.set()
            raise

    await asyncio.wait_for(jobs.repeat("bills", job, database, stopping, pauses=worker), 10)

    assert rounds == [1]
    assert await overdue(database) == 0


async def test_a_job_is_not_called_while_due_work_is_paused_and_is_called_once_the_clock_is_back(database: Database):
    clocks, stopping, called = Clocks(), asyncio.Event(), []
    worker = Pauses(database, clocks.watch())
    await worker.paused()
    clocks.ahead, looks = DAYS_40, 0

    def return_in_the_end() -> None:
        nonlocal looks
        looks += 1
        if looks == 20:
            clocks.ahead = timedelta()

    clocks.at_reading = return_in_the_end

    async def job(_database: Database) -> int:
        called.append(clocks.ahead)
        stopping.set()
        return 0

    await asyncio.wait_for(jobs.repeat("bills", job, database, stopping, pauses=worker), 10)

    assert called == [timedelta()]


async def test_a_start_after_a_long_absence_asks_and_does_what_is_due_once_it_is_confirmed(api, database: Database):
    await worked(database, DAYS_50)
    await add_bill(database, clock.today() - timedelta(days=20))
    worker = Pauses(database, Clocks().watch())
    assert await worker.paused()

    shown = (await api.as_("operations").get("/v1/due-work")).json()
    nameless = await api.as_("operations", name="").post("/v1/due-work/confirmation", {"reason": "The summer"})
    confirmed = await api.as_("operations", name="Ann Officer").post("/v1/due-work/confirmation", {"reason": "The summer"})

    assert (shown["cause"], shown["jobs"]) == ("absence", [{"job": "bills", "due": 1}])
    assert (nameless.status_code, confirmed.status_code) == (403, 200)
    assert (confirmed.json()["cause"], confirmed.json()["confirmed_by"]) == (None, "Ann Officer")
    assert not await worker.paused()
    assert not await Pauses(database, Clocks().watch()).paused()  # a restart asks no more


async def test_a_confirmation_is_seen_at_once_and_not_with_the_next_look(api, database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pauses, "PAUSED_SECONDS", 3600.0)
    await worked(database, DAYS_50)
    worker, stopping = Pauses(database, Clocks().watch()), asyncio.Event()
    assert await worker.paused()

    async def job(_database: Database) -> int:
        stopping.set()
        return 0

    working = asyncio.create_task(jobs.repeat("bills", job, database, stopping, pauses=worker))
    await asyncio.sleep(0)
    await api.as_("operations", name="Ann Officer").post("/v1/due-work/confirmation", {"reason": "The summer"})

    await asyncio.wait_for(working, 10)


async def test_of_two_workers_after_a_long_absence_both_wait_for_the_one_confirmation(api, database: Database):
    await worked(database, DAYS_50)
    workers = [Pauses(database, Clocks().watch()) for _ in range(2)]

    assert [await each.paused() for each in workers] == [True, True]
    await api.as_("operations", name="Ann Officer").post("/v1/due-work/confirmation", {"reason": "The summer"})
    assert [await each.paused() for each in workers] == [False, False]


@pytest.mark.parametrize(("ago", "asks"), [(timedelta(days=44), False), (timedelta(days=46), True), (-2 * timedelta(hours=1), True)])
async def test_a_start_asks_after_45_days_and_where_its_clock_is_behind_its_own_work(database: Database, ago: timedelta, asks: bool):
    await worked(database, ago)

    assert await Pauses(database, Clocks().watch()).paused() is asks


async def test_a_restart_confirms_no_clock_that_had_strayed(database: Database):
    clocks = Clocks()
    await worked(database, timedelta(hours=2))
    first = Pauses(database, clocks.watch())
    assert not await first.paused()
    clocks.ahead = DAYS_40
    assert await first.paused()

    assert await Pauses(database, clocks.watch()).paused()
    assert not await Pauses(database, Clocks().watch()).paused()  # at once with the clock set right


async def test_a_clock_that_a_person_confirmed_is_right_from_then_on(api, database: Database):
    clocks = Clocks()
    worker = Pauses(database, clocks.watch())
    await worker.paused()
    clocks.ahead = DAYS_40
    assert await worker.paused()

    await api.as_("operations", name="Ann Officer").post("/v1/due-work/confirmation", {"reason": "It was wrong before"})

    assert not await worker.paused()


async def test_a_worker_whose_clock_differs_from_the_databases_is_paused_and_the_other_one_works(database: Database):
    wrong = Pauses(database, Clocks(ahead=timedelta(hours=2)).watch())
    right = Pauses(database, Clocks().watch())

    assert not await right.paused()
    assert await wrong.paused()
    assert not await right.paused()


async def test_a_confirmation_where_nothing_is_paused_is_refused(api, database: Database):
    await worked(database, MINUTE)

    answer = await api.as_("operations", name="Ann Officer").post("/v1/due-work/confirmation", {"reason": "To be sure"})

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-paused")


async def test_a_date_that_a_person_moves_pauses_nothing(database: Database, monkeypatch: pytest.MonkeyPatch):
    await worked(database, DAYS_50)
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-29")

    assert not await Pauses(database, Clocks(ahead=DAYS_40).watch()).paused()


async def test_a_pause_is_shown_in_the_backlog_and_the_figures(api, database: Database):
    await worked(database, DAYS_50)
    await Pauses(database, Clocks().watch()).paused()

    backlog = (await api.as_("operations").get("/v1/backlog")).json()

    assert backlog["paused"] == "absence"
    assert "due_work_paused_seconds" in (await api.get("/metrics")).text


def test_a_reading_of_the_clock_is_refused_under_a_watch_alone():
    clocks = Clocks()
    watch = clocks.watch()
    clocks.ahead = DAYS_40

    with watch.kept(), pytest.raises(ClockStrayed):
        clock.today()
    with watch.kept(), pytest.raises(ClockStrayed):
        clock.now()
    assert clock.today()
