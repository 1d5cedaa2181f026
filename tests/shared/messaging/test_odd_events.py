"""Whatever arrives on a topic is handled or kept as a dead letter, over each transport; and other keys go on."""

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from shared.database import is_transient
from shared.messaging import EventHandlers, dead_letters
from shared.messaging.dead_letters import ReplayFailed
from shared.messaging.kafka.group import to_message
from shared.messaging.messages import LoadOffsets, Message, Received, TopicPartition
from tests.shared.messaging.brokers import LogBroker
from tests.shared.messaging.world import Relayed, World, contract, eventually

log_only = pytest.mark.parametrize("broker", ["log"], indirect=True)

LONG = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(125))
"""A key of 8,000 characters, which does not compress: more than a row of an index may hold."""

ODD_EVENTS: dict[str, dict[str, Any]] = {
    "a key of 8,000 characters": {"key": LONG, "body": b"{}"},
    "an empty key": {"key": "", "body": b"{}"},
    "a key of odd characters": {"key": "\u202e\U0001f600\x01'\"\\", "body": b"{}"},
    "an empty body": {"body": b""},
    "a body of NUL": {"body": b"\x00"},
    "a body that is no UTF-8": {"body": b"\xff\xfe"},
    "a body that is nested too deep": {"body": b"[" * 100_000},
    "a body that is no object": {"body": b"null"},
    "a number that no column holds": {"body": b'{"pupil": "a", "number": 1' + b"0" * 30 + b"}"},
    "a text with NUL": {"body": b'{"pupil": "a\\u0000", "number": 1}'},
    "half of a character": {"body": b'{"pupil": "\\ud800", "number": 1}'},
    "a version of later": {"type": "counted.v2"},
    "no version": {"type": "counted"},
    "a version that is no number": {"type": "counted.v1'\u202e"},
    "no type": {"type": ""},
    "a type of odd characters": {"type": "\u202e\x01"},
    "a type of 8,000 characters": {"type": LONG},
}
ODD_HEADERS: dict[str, Any] = {
    "null": None,
    "a list": ["ce_id"],
    "a number": 7,
    "a text": "ce_id",
    "a list within": {"traceparent": ["00"], "ce_id": {"a": 1}},
    "nested too deep": orjson.Fragment(b"[" * 1200 + b"]" * 1200),
    "a number without end": orjson.Fragment(b'{"ce_time": 1' + b"0" * 400 + b"}"),
}


async def kept(world: World, count: int) -> bool:
    return len(await world.ask("SELECT id FROM dead_letters WHERE topic = :topic")) == count


async def the_dead_letter(world: World) -> Any:
    (row,) = await world.ask("SELECT event_id, key, type, body, headers, error FROM dead_letters WHERE topic = :topic")
    return row


@log_only
@pytest.mark.parametrize("odd", ODD_EVENTS.values(), ids=ODD_EVENTS)
async def test_an_odd_event_of_the_log_is_kept_with_its_bytes_and_a_reason_and_others_go_on(world: World, odd: dict[str, Any]) -> None:
    event = replace(world.message("a", 1), **odd)

    async with world.consuming():
        await world.bus.publish([event, world.message("b", 1)])
        await eventually(lambda: kept(world, 1))
        await world.received_as_many_as(1)

    letter = await the_dead_letter(world)
    assert await world.received() == [("b", 1)]
    assert (letter.event_id, bytes(letter.body), letter.type) == (event.event_id, event.body, event.type)
    assert letter.error
    assert letter.error.isprintable()


@log_only
@pytest.mark.parametrize("headers", ODD_HEADERS.values(), ids=ODD_HEADERS)
async def test_an_event_of_the_log_with_odd_headers_is_handled_and_can_become_a_dead_letter(world: World, headers: Any) -> None:
    assert isinstance(world.broker, LogBroker)
    good, bad = world.message("a", 1), replace(world.message("b", 1), body=b"{")
    await world.bus.publish([good, bad, world.message("c", 1)])
    query = "UPDATE log_events SET headers = $1::jsonb WHERE event_id = ANY($2)"
    await world.broker.ask(query, orjson.dumps(headers).decode(), [good.event_id, bad.event_id])
    bus = world.broker.transport()  # one that has nothing of it in memory
    await bus.start()

    async with world.consuming(world.loop(bus=bus)):
        await eventually(lambda: kept(world, 1))
        await world.received_as_many_as(2)
    await bus.stop()

    assert sorted(await world.received()) == [("a", 1), ("c", 1)]


@log_only
async def test_events_behind_a_key_that_is_too_long_wait_and_are_replayed_in_order(world: World) -> None:
    events = [replace(world.message("a", number), key=LONG) for number in (1, 2)]
    loop = world.loop()
    async with world.consuming(loop):
        await world.bus.publish([replace(events[0], body=b"{"), events[1], replace(world.message("b", 1), key=LONG[:-1] + "x")])
        await eventually(lambda: kept(world, 2))
        await world.received_as_many_as(1)
    first, second = await world.ask("SELECT id, key FROM dead_letters WHERE topic = :topic ORDER BY id")

    async with world.database.begin() as tx:
        await dead_letters.dismiss(tx, first.id, "Ann Operator", "published in error")
    await dead_letters.replay(world.database, loop.handlers.handle, second.id, "Ann Operator")

    assert first.key == second.key
    assert await world.received() == [("b", 1), ("a", 2)]


@log_only
async def test_a_later_version_waits_as_a_dead_letter_and_is_replayed_after_the_upgrade(world: World) -> None:
    loop = world.loop()
    async with world.consuming(loop):
        await world.bus.publish([replace(world.message("a", 1), type="counted.v2"), world.message("a", 2), world.message("b", 1)])
        await eventually(lambda: kept(world, 2))
        await world.received_as_many_as(1)
    head, _ = await world.ask("SELECT id, error FROM dead_letters WHERE topic = :topic ORDER BY id")
    with pytest.raises(ReplayFailed):
        await dead_letters.replay(world.database, loop.handlers.handle, head.id, "Ann Operator")
    upgraded = EventHandlers(world.group)
    (((_, (handler,)),), later) = loop.handlers.single.items(), {"contract_version": 2, "__module__": __name__}
    upgraded.on(contract(world.topic))(handler)
    upgraded.on(type("CountedAgain", (contract(world.topic),), later))(handler)

    replayed = await dead_letters.replay(world.database, upgraded.handle, head.id, "Ann Operator")

    assert "counted.v2" in head.error
    assert replayed == 2
    assert await world.received() == [("b", 1), ("a", 1), ("a", 2)]


@log_only
@pytest.mark.parametrize("kind", ["uncounted.v1", "roll-changed.v1", "uncounted.v9", "com.example.thing"])
async def test_a_kind_of_event_that_the_service_does_not_consume_is_skipped(world: World, kind: str) -> None:
    async with world.consuming():
        await world.bus.publish([replace(world.message("a", 1), type=kind), world.message("a", 2)])
        await world.received_as_many_as(1)

    assert await world.received() == [("a", 2)]
    assert await kept(world, 0)


def a_record(world: World, **changes: Any) -> Any:
    """Return a record as aiokafka gives it."""
    message = world.message("a", 1)
    headers = [(name, value.encode()) for name, value in message.headers.items()]
    fields = {"topic": world.topic, "partition": 0, "offset": 0, "key": b"a", "value": message.body, "headers": headers}
    return SimpleNamespace(**fields | changes)


ODD_RECORDS: dict[str, dict[str, Any]] = {
    "nothing at all": {"key": None, "value": None, "headers": ()},
    "no headers": {"headers": None},
    "bytes that are no text": {"key": b"\xff\x00", "value": b"\xff\x00", "headers": [("ce_type", b"\xff"), ("ce_id", b"\x00")]},
    "a type without a value": {"headers": [("ce_type", None), ("ce_id", None)]},
    "an id that is no UUID": {"value": b"", "headers": [("ce_type", b"counted.v1"), ("ce_id", b"7")]},
    "a key of NUL": {"key": b"\x00", "value": b"{}", "headers": [("ce_type", b"counted.v1")]},
    "a key that is no UTF-8": {"key": b"\xff\xfe", "value": b"{}", "headers": [("ce_type", b"counted.v1")]},
    "a key of 8,000 characters": {"key": LONG.encode(), "value": b"{}", "headers": [("ce_type", b"counted.v1")]},
    "odd names of headers": {"value": b"{}", "headers": [("ce_type", b"counted.v1"), ("\x00\ud800", b"\x00\xff"), ("", None)]},
    "half of a traceparent": {"value": b"{}", "headers": [("ce_type", b"counted.v1"), ("traceparent", b"\xff")]},
    "a type with NUL": {"headers": [("ce_type", b"counted.v1\x00")]},
    "a version of later": {"headers": [("ce_type", b"counted.v2")]},
}


@dataclass
class Served:
    """A subscription that gives messages of one partition once."""

    received: list[Received]
    load_offsets: LoadOffsets

    async def start(self) -> None: ...

    async def fetch(self, *, limit: int, wait_seconds: float) -> Mapping[TopicPartition, Sequence[Received]]:
        if not self.received:
            await asyncio.sleep(0.01)
            return {}
        partition, given = TopicPartition(self.received[0].message.topic, 0), self.received
        await self.load_offsets([partition])
        self.received = []
        return {partition: given}

    async def rewind(self, partition: TopicPartition) -> None: ...

    def holds(self, partition: TopicPartition) -> bool:
        return True

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None: ...

    async def stop(self) -> None: ...


@dataclass
class Serving(Relayed):
    """A transport that gives its only reader messages."""

    messages: list[Message] = field(default_factory=list)

    def subscribe(self, group: str, topics: Sequence[str], load_offsets: LoadOffsets, *, unread: Collection[str] = ()) -> Served:
        return Served([Received(message, offset, offset) for offset, message in enumerate(self.messages)], load_offsets)


async def nowhere(_messages: Sequence[Message]) -> None:
    """Publish nothing."""


@log_only
@pytest.mark.parametrize("odd", ODD_RECORDS.values(), ids=ODD_RECORDS)
async def test_an_odd_record_of_kafka_is_kept_with_its_bytes_and_a_reason_and_others_go_on(world: World, odd: dict[str, Any]) -> None:
    records = [a_record(world, **odd), a_record(world, offset=1, key=b"b", value=b'{"pupil": "b", "number": 1}')]
    bus = Serving(nowhere, [to_message(record) for record in records])

    async with world.consuming(world.loop(bus=bus)):
        await eventually(lambda: kept(world, 1))
        await world.received_as_many_as(1)

    letter = await the_dead_letter(world)
    assert await world.received() == [("b", 1)]
    assert bytes(letter.body) == (records[0].value or b"")
    assert letter.error
    assert letter.error.isprintable()


@pytest.mark.parametrize(
    ("key", "text"), [(b"\xff\x00", "\\xff\\x00"), (b"\xfe\x00", "\\xfe\\x00"), ("Zoë".encode(), "Zoë"), (None, "")], ids=str
)
def test_the_bytes_of_a_key_that_are_no_text_are_written_out(key: bytes | None, text: str) -> None:
    record = SimpleNamespace(topic="none", partition=0, offset=0, key=key, value=b"", headers=[("ce_type", b"counted.v1")])

    assert to_message(record).key == text


def test_a_record_that_is_no_event_stands_under_a_key_of_its_own() -> None:
    record = SimpleNamespace(topic="none", partition=2, offset=7, key=b"a", value=b"", headers=())

    message = to_message(record)

    assert message.key == "none/2/7"
    assert message.headers["key"] == "a"


@log_only
async def test_a_value_that_the_driver_refuses_is_no_transient_error(world: World) -> None:
    with pytest.raises(Exception, match="int64") as refused:
        async with world.database.begin() as tx:
            await tx.execute(dead_letters._NEXT_OF_SAME_KEY, {"id": 10**30})

    assert not is_transient(refused.value)
