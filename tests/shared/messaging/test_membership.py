"""Where a member of a Kafka group goes on when the broker has nothing at its offset, on a stand-in: the moment cannot be chosen with a broker."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from uuid import UUID, uuid5

import aiokafka
from aiokafka.errors import OffsetOutOfRangeError

from shared.ids import new_id
from shared.messaging.kafka.group import KafkaSubscription, _Membership
from shared.messaging.messages import Received, StoredOffset, TopicPartition

PARTITION = TopicPartition("registers", 0)
LOG = new_id()


@dataclass
class Broker:
    """A partition of one log, as the client sees it: a record at every offset up to its end, of a log of its own."""

    end: int
    log: UUID
    at: int = 0
    soon: int = 0
    """Its end right after it was found to be short."""
    refused: list[int] = field(default_factory=list)

    def seek(self, _: aiokafka.TopicPartition, offset: int) -> None:
        self.at = offset

    async def beginning_offsets(self, partitions: list[aiokafka.TopicPartition]) -> dict[aiokafka.TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: list[aiokafka.TopicPartition]) -> dict[aiokafka.TopicPartition, int]:
        return dict.fromkeys(partitions, self.end)

    async def getmany(
        self, *partitions: aiokafka.TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[aiokafka.TopicPartition, list[SimpleNamespace]]:
        assert timeout_ms
        if not partitions:
            return {}
        if self.at > self.end:
            self.refused.append(self.at)
            self.end = self.soon
            raise OffsetOutOfRangeError({partitions[0]: self.at})
        records = [_record(self.log, offset) for offset in range(self.at, min(self.end, self.at + max_records))]
        self.at += len(records)
        return {partitions[0]: records} if records else {}


def _event_at(log: UUID, offset: int) -> UUID:
    return uuid5(log, str(offset))


def _record(log: UUID, offset: int) -> SimpleNamespace:
    headers = [("ce_id", str(_event_at(log, offset)).encode()), ("ce_type", b"session-recorded.v1")]
    return SimpleNamespace(topic=PARTITION.topic, partition=PARTITION.number, offset=offset, key=b"100101", value=b"{}", headers=headers)


async def test_a_log_that_was_lost_and_grows_past_the_offset_meanwhile_is_read_from_its_beginning():
    broker = Broker(end=10, log=LOG)
    member = _Membership(broker, "thresholds")
    member.on_partitions_assigned({aiokafka.TopicPartition(*PARTITION)})
    stored = 0

    async def load(partitions: Sequence[TopicPartition]) -> dict[TopicPartition, StoredOffset]:
        return {partition: StoredOffset(stored, _event_at(LOG, stored - 1) if stored else None) for partition in partitions}

    async def fetch() -> list[Received]:
        await member.begin(load)
        return (await member.read(100, 0.1)).get(PARTITION, [])

    stored = (await fetch())[-1].offset + 1
    broker.end, broker.soon, broker.log = 4, 25, new_id()
    read = [each for _ in range(4) for each in await fetch()]

    assert broker.refused == [10]
    assert [each.offset for each in read] == [*range(25)]
    assert {each.since for each in read[:1]} == {10}


class Growing(Broker):
    """A log to which five records come while one asks for what there is."""

    async def getmany(
        self, *partitions: aiokafka.TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[aiokafka.TopicPartition, list[SimpleNamespace]]:
        found = await super().getmany(*partitions, timeout_ms=timeout_ms, max_records=max_records)
        self.end += 5
        return found


async def test_events_that_came_during_a_batch_are_fetched_with_the_next_and_none_twice(monkeypatch):
    async def beginning(partitions: Sequence[TopicPartition]) -> dict[TopicPartition, StoredOffset]:
        return {partition: StoredOffset(0, None) for partition in partitions}

    subscription = KafkaSubscription("", "thresholds", None, 10, ("registers",), None, beginning)  # type: ignore[arg-type]  # it is connected
    subscription._membership = _Membership(Growing(end=10, log=LOG), "thresholds")
    subscription._membership.on_partitions_assigned({aiokafka.TopicPartition(*PARTITION)})

    async def fetch() -> list[int]:
        return [each.offset for each in (await subscription.fetch(limit=1000, wait_seconds=0.1))[PARTITION]]

    monkeypatch.setattr("shared.messaging.kafka.group.STALE_SECONDS", -1)
    assert [await fetch(), await fetch()] == [[*range(15)], [*range(15, 25)]]

    monkeypatch.setattr("shared.messaging.kafka.group.STALE_SECONDS", 60)
    assert [await fetch(), await fetch()] == [[*range(25, 30)], [*range(30, 35)]]
