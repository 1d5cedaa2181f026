"""What is looked up at the broker without membership of a group: where partitions end, where groups go on, and what stands in a partition."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiokafka
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.messaging.kafka.group import to_message
from shared.messaging.kafka.undecodable import UndecodableRecords, read_one
from shared.messaging.messages import Oldest, Received, Standing, TopicPartition
from shared.messaging.position import Position

ANSWER_SECONDS = 10
"""How long the broker may take for an answer."""


async def ends(bootstrap: str, topics: Collection[str]) -> Mapping[TopicPartition, int]:
    """Return the next offset of each partition of these topics."""
    async with asyncio.timeout(ANSWER_SECONDS):
        async with _admin(bootstrap) as admin:
            there = await admin.describe_topics()
        partitions = [
            aiokafka.TopicPartition(each["topic"], part["partition"])
            for each in there
            if each["topic"] in topics
            for part in each["partitions"]
        ]
        if not partitions:
            return {}
        async with _consumer(bootstrap, partitions) as consumer:
            found = await consumer.end_offsets(partitions)
    return {TopicPartition(*partition): offset for partition, offset in found.items()}


async def readers(bootstrap: str, topics: Collection[str] | None = None) -> Mapping[str, Mapping[TopicPartition, int]]:
    """Return what each consumer group committed in these topics, or in all."""
    found: dict[str, dict[TopicPartition, int]] = {}
    async with asyncio.timeout(ANSWER_SECONDS), _admin(bootstrap) as admin:
        for group, *_ in await admin.list_consumer_groups():
            committed = await admin.list_consumer_group_offsets(group)
            offsets = {
                TopicPartition(*partition): each.offset
                for partition, each in committed.items()
                if topics is None or partition.topic in topics
            }
            if offsets:
                found[group] = offsets
    return found


async def read(bootstrap: str, partition: TopicPartition, from_offset: int, limit: int) -> Sequence[Received]:
    """Return the events of a partition from an offset on, at most so many."""
    wanted = aiokafka.TopicPartition(*partition)
    async with asyncio.timeout(ANSWER_SECONDS), _consumer(bootstrap, [wanted]) as consumer:
        begin = max(from_offset, (await consumer.beginning_offsets([wanted]))[wanted])
        end = (await consumer.end_offsets([wanted]))[wanted]
        position, found = Position(from_offset, begin, None), list[Received]()
        if begin < end:
            consumer.seek(wanted, begin)
        while position.reading < end and len(found) < limit:
            try:
                came = [
                    record for each in (await consumer.getmany(timeout_ms=1000, max_records=limit - len(found))).values() for record in each
                ]
            except UnicodeDecodeError:
                one = await read_one(consumer, wanted, position.reading)
                came = [one] if one else []
            found += [position.receive(to_message(record), record.offset) for record in came]
    return found


async def oldest(bootstrap: str, standings: Collection[Standing]) -> Mapping[Standing, Oldest]:
    """Return of the first event that there is at each offset or after it when it was stored, and when the broker deletes it."""
    found: dict[Standing, Oldest] = {}
    async with asyncio.timeout(ANSWER_SECONDS), _consumer(bootstrap, ()) as consumer:
        kept = await _kept(bootstrap, {partition.topic for partition, _ in standings})
        for partition, offset in standings:
            wanted = aiokafka.TopicPartition(*partition)
            consumer.assign([wanted])
            begin = max(offset, (await consumer.beginning_offsets([wanted]))[wanted])
            if begin < (await consumer.end_offsets([wanted]))[wanted]:
                record = await read_one(consumer, wanted, begin)
                if isinstance(record, UndecodableRecords):
                    record = await read_one(consumer, wanted, record.offset + 1)
                if record is None:
                    continue
                stored_at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
                deleted_at = stored_at + kept[partition.topic] if partition.topic in kept else None
                found[partition, offset] = Oldest(record.offset, stored_at, deleted_at)
    return found


async def _kept(bootstrap: str, topics: Collection[str]) -> Mapping[str, timedelta]:
    """Return how long the broker keeps the events of each topic that it does not keep for ever."""
    wanted = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
    async with _admin(bootstrap) as admin:
        settings = {
            resource[3]: int(value)
            for answer in await admin.describe_configs(wanted)
            for resource in answer.resources
            for name, value, *_ in resource[4]
            if name == "retention.ms"
        }
    return {topic: timedelta(milliseconds=kept) for topic, kept in settings.items() if kept >= 0}


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5_000)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def _consumer(bootstrap: str, partitions: Sequence[aiokafka.TopicPartition]) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="none", request_timeout_ms=5_000)
    try:
        await consumer.start()
        consumer.assign(partitions)
        yield consumer
    finally:
        await consumer.stop()
