"""Since when something waits for a reader, by what is looked up twice a minute."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
import pytest_asyncio
from sqlalchemy import text

from shared.database import Database
from shared.database.bells import READERS
from shared.messaging import consumers
from shared.messaging.messages import Oldest, Standing, TopicPartition, Transport
from shared.messaging.readers import look_at_readers, read_topic_readers
from shared.messaging.waiting import Waiting
from tests.shared.messaging.world import World

TOPIC, READER = "registers", "thresholds"
PARTITION = TopicPartition(TOPIC, 0)
NOW = datetime.now(UTC)  # noqa: TID251 -- the database's clock is the machine's
HOUR = timedelta(hours=1)


@dataclass
class Log:
    """A topic of one partition with one reader, as a broker tells of it."""

    end: int
    read: int
    first: Oldest | None

    async def ends(self, _topics: Collection[str]) -> Mapping[TopicPartition, int]:
        return {PARTITION: self.end}

    async def readers(self, _topics: Collection[str]) -> Mapping[str, Mapping[TopicPartition, int]]:
        return {READER: {PARTITION: self.read}}

    async def oldest(self, standings: Collection[Standing]) -> Mapping[Standing, Oldest]:
        return dict.fromkeys(standings, self.first) if self.first else {}


def stored(offset: int, ago: timedelta) -> Oldest:
    return Oldest(offset, NOW - ago, None)


@pytest_asyncio.fixture
async def database(consumer_url: str) -> AsyncIterator[Database]:
    database = Database(consumer_url)
    yield database
    await database.dispose()


async def look(database: Database, log: Log) -> datetime | None:
    """Look at the reader; return since when something waits for it."""
    await look_at_readers(database, cast("Transport", log), [TOPIC])
    async with database.begin() as tx:
        found: datetime | None = (await tx.execute(text("SELECT unread_since FROM topic_readers"))).scalar_one()
    return found


async def test_an_event_that_was_not_read_waits_since_it_was_stored(database: Database):
    assert await look(database, Log(end=5, read=3, first=stored(3, 2 * HOUR))) == NOW - 2 * HOUR


async def test_a_reader_who_has_read_everything_waits_for_nothing(database: Database):
    await look(database, Log(end=5, read=3, first=stored(3, 2 * HOUR)))

    assert await look(database, Log(end=5, read=5, first=None)) is None


async def test_a_reader_who_stands_still_waits_since_the_first_look_though_the_oldest_was_deleted(database: Database):
    await look(database, Log(end=9, read=3, first=stored(3, 3 * HOUR)))

    assert await look(database, Log(end=9, read=3, first=stored(6, HOUR))) == NOW - 3 * HOUR
    assert await look(database, Log(end=9, read=3, first=None)) == NOW - 3 * HOUR  # everything was


async def test_a_reader_who_went_on_waits_since_what_is_next_was_stored(database: Database):
    await look(database, Log(end=9, read=3, first=stored(3, 3 * HOUR)))

    assert await look(database, Log(end=9, read=6, first=stored(6, HOUR))) == NOW - HOUR


async def test_a_reader_who_had_read_everything_waits_since_the_next_event(database: Database):
    await look(database, Log(end=5, read=3, first=stored(3, 3 * HOUR)))
    await look(database, Log(end=5, read=5, first=None))

    assert await look(database, Log(end=6, read=5, first=stored(5, HOUR))) == NOW - HOUR


async def test_an_event_that_a_clock_ahead_of_time_has_dated_waits_since_it_is_seen(database: Database):
    since = await look(database, Log(end=5, read=3, first=stored(3, -48 * HOUR)))

    assert since is not None
    assert NOW - HOUR < since < NOW + HOUR


async def test_a_reader_that_the_broker_has_forgotten_goes_on_waiting_where_it_was(database: Database, monkeypatch: pytest.MonkeyPatch):
    log = Log(end=5, read=3, first=stored(3, 2 * HOUR))
    await look(database, log)

    async def nobody(_topics: Collection[str]) -> Mapping[str, Mapping[TopicPartition, int]]:
        return {}

    monkeypatch.setattr(log, "readers", nobody)
    log.end = 6
    assert await look(database, log) == NOW - 2 * HOUR
    async with database.begin() as tx:
        (reader,) = await read_topic_readers(tx)
    assert (reader.reader, reader.events) == (READER, 3)


def test_a_consumer_whose_log_was_away_has_caught_up_once_nothing_is_found_and_after_what_is_found_then():
    waiting = Waiting("of this test")

    def rounds(*found: bool) -> list[bool]:
        return [waiting.has_caught_up(found=each, took=0) for each in found]

    assert rounds(False, True, False, True, False) == [False, False, True, False, False]
    waiting.failed(OSError())
    assert rounds(False, False, True, True, False, True, False) == [True, False, False, False, True, False, False]
    assert [waiting.has_caught_up(found=True, took=61), *rounds(False, True, False)] == [False, True, False, False]


async def test_a_consumer_that_has_caught_up_after_its_start_has_the_readers_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "REPORTED_SECONDS", 0)
    await world.publish(*[("a", number) for number in range(1, 6)])

    with world.database.bells.listening(READERS) as rung:
        async with world.consuming():
            await asyncio.wait_for(rung.wait(), 30)
            received = len(await world.received())
            rung.clear()
            await world.publish(("a", 6))
            await world.received_as_many_as(6)
        rung_again = rung.is_set()

    assert received == 5
    assert not rung_again  # whoever never fell behind is looked at twice a minute
