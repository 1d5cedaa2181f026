"""What only Kafka can do to its readers."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from sqlalchemy import text
from structlog.testing import capture_logs

from shared.messaging.comparison import find_missing
from shared.messaging.kafka import KafkaTransport
from shared.messaging.kafka.transport import _abandon
from shared.messaging.outbox import relay_once
from shared.messaging.readers import look_at_readers
from tests.shared.messaging.brokers import KafkaBroker
from tests.shared.messaging.world import ROOT, World, eventually, numbers
from tests.support.kafka import NoKafka, kafka_jars

kafka_only = pytest.mark.parametrize("broker", [pytest.param("kafka", marks=pytest.mark.kafka)], indirect=True)


@asynccontextmanager
async def stranger(world: World, **options: str) -> AsyncIterator[AIOKafkaProducer]:
    """Give another program's producer."""
    assert isinstance(world.broker, KafkaBroker)
    producer = AIOKafkaProducer(bootstrap_servers=world.broker.kafka.bootstrap, **options)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@kafka_only
async def test_a_record_that_is_no_event_is_kept_as_a_dead_letter_with_a_log_line_and_blocks_nothing(world: World) -> None:
    await world.publish(("a", 1))
    async with stranger(world) as producer:
        for key, value, headers in (
            (None, b"\xff", []),
            (b"\xff\x00", None, [("ce_id", b"\x00"), ("ce_type", None)]),
            (b"a", b"{}", [("x", b"y")]),
        ):
            await producer.send_and_wait(world.topic, value, key=key, headers=headers)
    await world.publish(("a", 2))

    async def kept() -> bool:
        return len(await world.ask("SELECT id FROM dead_letters WHERE topic = :topic")) == 3

    with capture_logs() as logs:
        async with world.consuming():
            await world.received_as_many_as(2)
            await eventually(kept)

    assert await world.received() == [("a", 1), ("a", 2)]
    letters = await world.ask("SELECT key, error FROM dead_letters WHERE topic = :topic")
    assert all(letter.key.startswith(f"{world.topic}/") and letter.error.startswith("NoEvent: ") for letter in letters)
    assert "record is no event" in {each["event"] for each in logs}


async def send_undecodable(world: World, producer: AIOKafkaProducer) -> None:
    """Send to each partition, in one batch, a record, two with headers whose names are no UTF-8, and another one."""

    class Undecodable(str):
        __slots__ = ()

        def encode(self, *_: object) -> bytes:
            return b"\xff\xfe"

    for partition in range(3):
        batch = producer.create_batch()
        # The client's own builder refuses such a name.
        batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, 100_000)
        for name in ("x", Undecodable("x"), Undecodable("x"), "x"):
            batch.append(key=b"a", value=b"{}", timestamp=None, headers=[(name, b"y")])
        await (await producer.send_batch(batch, world.topic, partition=partition))


@kafka_only
async def test_records_that_the_client_cannot_decode_are_kept_by_their_offsets_and_their_partitions_go_on(world: World) -> None:
    await world.publish(*numbers("abcdef", 1))
    async with stranger(world) as producer:
        await send_undecodable(world, producer)
    await world.store(*[(pupil, 2) for pupil in "abcdef"])
    await relay_once(world.database, world.bus)

    async def kept() -> bool:
        return len(await world.ask("SELECT id FROM dead_letters WHERE topic = :topic")) == 6

    async with world.consuming():
        await world.received_as_many_as(12)
        await eventually(kept)
    await world.publish(("a", 3))
    async with world.consuming():
        await world.received_as_many_as(13)

    letters = await world.ask("SELECT headers, error FROM dead_letters WHERE topic = :topic ORDER BY id")
    passed = [letter.headers["undecodable"] for letter in letters if "undecodable" in letter.headers]
    assert len(letters) == 6
    assert len(passed) == 3
    assert all(each.endswith("a header's name is no UTF-8") for each in passed)
    assert all(letter.error.startswith("NoEvent: ") for letter in letters)
    assert await world.received_of("a") == [1, 2, 3]


@kafka_only
async def test_records_that_the_client_cannot_decode_keep_nobody_from_comparing_or_looking(world: World) -> None:
    async with stranger(world) as producer:
        await world.publish(("a", 1))
        await send_undecodable(world, producer)
    await world.publish(("a", 2))
    ends = await world.bus.ends([world.topic])

    assert await find_missing(world.database, world.bus, world.topic) == []
    for partition, end in ends.items():
        found = await world.bus.read(partition, 0, 100)
        assert found[-1].offset == end - 1
        assert await world.bus.oldest([(partition, max(end - 4, 0))])


@kafka_only
async def test_a_broken_event_from_a_stranger_becomes_a_dead_letter_whatever_stands_in_it(world: World) -> None:
    await world.publish(("a", 1))
    async with stranger(world) as producer:
        headers = [("ce_type", b"counted.v1"), ("ce_id", b"not an id"), ("n\x00ame", b"\xff\x00")]
        await producer.send_and_wait(world.topic, None, key=b"\x00\xff", headers=headers)

    async with world.consuming():

        async def dead_letters_stored() -> bool:
            return len(await world.ask("SELECT id FROM dead_letters WHERE topic = :topic")) == 1

        await eventually(dead_letters_stored)
        await world.received_as_many_as(1)


@kafka_only
async def test_offsets_that_hold_no_event_are_stepped_over(world: World) -> None:
    messages = [world.message("a", number) for number in (1, 2, 3, 4)]
    await world.bus.publish(messages[:1])
    async with stranger(world, transactional_id=world.group) as producer:
        for message in messages[1:3]:  # each transaction ends with a marker, which takes an offset
            async with producer.transaction():
                await producer.send(
                    world.topic, message.body, key=b"a", headers=[(name, value.encode()) for name, value in message.headers.items()]
                )
    await world.bus.publish(messages[3:])

    async with world.consuming(world.loop(batch=1)):
        await world.received_as_many_as(4)

    assert await world.received_of("a") == [1, 2, 3, 4]


@kafka_only
async def test_topics_are_made_to_last(world: World) -> None:
    await world.publish(("a", 1))

    assert isinstance(world.broker, KafkaBroker)
    admin = AIOKafkaAdminClient(bootstrap_servers=world.broker.kafka.bootstrap)
    await admin.start()
    (made,) = await admin.describe_topics([world.topic])
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, world.topic)])
    await admin.close()

    configs = {name: value for name, value, *_ in answer.resources[0][4]}
    assert len(made["partitions"]) == 3
    assert configs["min.insync.replicas"] == "1"
    assert configs["retention.ms"] == str(30 * 86_400_000)
    assert configs["cleanup.policy"] == "delete"


@kafka_only
async def test_a_named_member_that_comes_back_keeps_its_partitions(world: World) -> None:
    assert isinstance(world.broker, KafkaBroker)
    for number in (1, 2):  # the session would last for longer than the test waits
        bus = KafkaTransport(world.broker.kafka.bootstrap, partitions=3, instance="first", session_seconds=45)
        async with world.consuming(world.loop(bus=bus)):
            await world.publish(("a", number))
            await world.received_as_many_as(number)
        await bus.stop()

    assert await world.received_of("a") == [1, 2]


@kafka_only
async def test_the_broker_receives_the_offsets_for_its_lag_figures(world: World) -> None:
    assert isinstance(world.broker, KafkaBroker)
    async with world.consuming():
        await world.publish(*numbers("abc", 5))
        await world.received_as_many_as(15)
    admin = AIOKafkaAdminClient(bootstrap_servers=world.broker.kafka.bootstrap)
    await admin.start()

    async def offsets_arrived() -> bool:
        offsets = await admin.list_consumer_group_offsets(world.group)
        return sum(int(offset.offset) for offset in offsets.values()) == 15

    await eventually(offsets_arrived)
    await admin.close()


async def test_an_abandoned_producer_leaves_no_task_behind() -> None:
    """It is abandoned by private parts of the library: this fails where they are no longer what they were."""
    producer = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1", enable_idempotence=True)
    assert (producer._closed, producer._sender.sender_task) == (False, None)
    sending = producer._sender._sender_task = asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)

    await _abandon(producer)
    await producer.stop()

    assert sending.cancelled()


def test_without_java_there_is_no_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    kafka_jars.__globals__["_need_java"].cache_clear()
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(NoKafka, match="Java"):
        kafka_jars()


@pytest.mark.parametrize(("required", "outcome"), [("0", "1 skipped"), ("1", "1 error")])
def test_tests_that_miss_kafka_are_skipped_loudly_or_fail_where_it_is_required(tmp_path: Path, required: str, outcome: str) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(kafka): ...\n")
    environment = {**os.environ, "PATH": "/nowhere", "ATTENDANCE_REQUIRE_KAFKA": required, "PYTHONPATH": str(ROOT)}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # it needs no other, and some take a second to load
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.support.kafka",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]

    output = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False).stdout

    assert outcome in output
    assert ("KAFKA NOT TESTED" in output) == (required == "0")
    assert "Java is missing" in output


async def has_read_everything(world: World) -> bool:
    ends = {partition: end for partition, end in (await world.bus.ends([world.topic])).items() if end}
    return ends.items() <= (await world.readers()).get(world.group, {}).items()


@kafka_only
async def test_when_the_broker_deletes_what_nobody_read_is_seen(world: World) -> None:
    (standing,) = await world.bus.publish([world.message("a", 1)])

    oldest = await world.bus.oldest([standing])

    _, stored_at, deleted_at = oldest[standing]
    assert deleted_at == stored_at + timedelta(days=30)


@kafka_only
async def test_a_reader_that_the_broker_still_has_is_removed_with_the_tools_of_the_broker(world: World) -> None:
    async with world.consuming():
        await world.publish(("a", 1))
        await world.received_as_many_as(1)

    with pytest.raises(LookupError, match=f"--delete --group {world.group}"):
        await world.bus.remove_reader(world.group)
    await world.bus.remove_reader("somebody else")


@kafka_only
async def test_events_that_the_broker_deleted_unread_are_published_again_when_their_reader_is_back(world: World) -> None:
    async with world.consuming():
        await world.publish(("a", 1))
        await world.received_as_many_as(1)
    await world.publish(("a", 2), ("a", 3))
    await look_at_readers(world.database, world.bus, [world.topic])
    await world.broker.expire(world.topic)
    async with world.database.begin() as tx:
        await tx.execute(text("UPDATE topic_readers SET deleted_at = now() - interval '1 second'"))
    await look_at_readers(world.database, world.bus, [world.topic])
    assert await relay_once(world.database, world.bus) == 0  # not while it is away: they would be deleted again

    async with world.consuming():
        await eventually(lambda: has_read_everything(world))
        await look_at_readers(world.database, world.bus, [world.topic])
        assert await relay_once(world.database, world.bus) == 2
        await world.received_as_many_as(3)
        await look_at_readers(world.database, world.bus, [world.topic])

    assert sorted(await world.received_of("a")) == [1, 2, 3]
    assert await relay_once(world.database, world.bus) == 0
