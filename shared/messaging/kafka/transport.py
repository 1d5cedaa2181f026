"""Publishing to Kafka, and the way to its groups."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import DuplicateSequenceNumber, MessageSizeTooLargeError, RecordListTooLargeError
from aiokafka.partitioner import DefaultPartitioner

from shared.messaging.kafka import inspection
from shared.messaging.kafka.background_close import BackgroundCloser
from shared.messaging.kafka.group import KafkaSubscription
from shared.messaging.kafka.topics import Topics
from shared.messaging.messages import LoadOffsets, Message, Oldest, Received, Standing, TopicPartition, Unpublishable

BATCH_BYTES = 900_000
"""Of one batch; a greater message goes alone."""

_REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError)
"""What the broker answers to a batch whose size it does not take, now and for ever."""


class KafkaTransport:
    """Events over Kafka.

    `instance` names this process for static membership: restarted within the session time-out it keeps its partitions.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        partitions: int = 6,
        replication: int | None = None,
        instance: str | None = None,
        session_seconds: float = 10,
        publish_seconds: float = 15,
    ) -> None:
        self.bootstrap = bootstrap
        self.instance = instance
        self.session_seconds = session_seconds
        self.publish_seconds = publish_seconds
        self._topics = Topics(bootstrap, partitions, replication)
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()
        self._closer = BackgroundCloser()

    async def start(self) -> None:
        """Do nothing: the first `publish` connects."""

    async def stop(self) -> None:
        """Disconnect."""
        self._give_up(self._producer)
        await self._closer.wait(5)

    async def publish(self, messages: Sequence[Message]) -> list[Standing]:
        """Return where each message stands when every in-sync replica has all; raise if any may be missing.

        A partition gets its next batch only when the one before is acknowledged. So whatever fails, and however late a broker
        still stores it, no message can come to stand before one that it follows.
        """
        producer = None
        try:
            async with asyncio.timeout(self.publish_seconds):
                producer = await self._connected({message.topic for message in messages})
                standings: dict[int, Standing] = {}
                waiting = await _batches(producer, messages)
                while waiting:
                    sending = {partition: batches.pop(0) for partition, batches in waiting.items()}
                    sent = [
                        await producer.send_batch(batch.records, partition.topic, partition=partition.number)
                        for partition, batch in sending.items()
                    ]
                    for (partition, batch), stored in zip(sending.items(), await asyncio.gather(*sent), strict=True):
                        if stored.offset < 0:  # the broker has the batch, and does not know where any more: published anew, it will
                            raise DuplicateSequenceNumber
                        standings |= {number: (partition, offset) for offset, number in enumerate(batch.numbers, stored.offset)}
                    waiting = {partition: batches for partition, batches in waiting.items() if batches}
                return [standings[number] for number in range(len(messages))]
        except BaseException as error:
            # Its sequence numbers may have a hole now: the next publication begins with a producer of its own.
            self._give_up(producer)
            self._topics.provided.clear()
            if isinstance(error, _REFUSALS):
                raise Unpublishable(
                    "The topic takes no message of this size: raise its max.message.bytes, then replay this one."
                ) from error
            raise

    def subscribe(
        self,
        group: str,
        topics: Sequence[str],
        load_offsets: LoadOffsets,
        *,
        unread: Collection[str] = (),  # noqa: ARG002 -- the broker sends what stands in the log
    ) -> KafkaSubscription:
        """Return a group's subscription, not yet started."""
        return KafkaSubscription(
            bootstrap=self.bootstrap,
            group=group,
            instance=f"{group}-{self.instance}" if self.instance else None,
            session_seconds=self.session_seconds,
            topics=tuple(topics),
            provide=self._topics.provide,
            load_offsets=load_offsets,
        )

    async def ends(self, topics: Collection[str]) -> Mapping[TopicPartition, int]:
        """Return the next offset of each partition of these topics."""
        return await inspection.ends(self.bootstrap, topics)

    async def readers(self, topics: Collection[str]) -> Mapping[str, Mapping[TopicPartition, int]]:
        """Return what each consumer group committed in these topics."""
        return await inspection.readers(self.bootstrap, topics)

    async def oldest(self, standings: Collection[Standing]) -> Mapping[Standing, Oldest]:
        """Return of the first event that there is at each offset or after it when it was stored, and when the broker deletes it."""
        return await inspection.oldest(self.bootstrap, standings)

    async def remove_reader(self, reader: str) -> None:
        """Raise LookupError where the broker still has the group: it is deleted with the broker's own tools."""
        if reader in await inspection.readers(self.bootstrap):
            raise LookupError(f"run kafka-consumer-groups.sh --bootstrap-server {self.bootstrap} --delete --group {reader} first")

    async def read(self, partition: TopicPartition, from_offset: int, limit: int) -> Sequence[Received]:
        """Return the events of a partition from an offset on, at most so many."""
        return await inspection.read(self.bootstrap, partition, from_offset, limit)

    async def _connected(self, topics: set[str]) -> AIOKafkaProducer:
        async with self._connecting:
            await self._topics.provide(topics)
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self.bootstrap,
                    enable_idempotence=True,
                    acks="all",
                    max_batch_size=BATCH_BYTES,
                    request_timeout_ms=5_000,
                    metadata_max_age_ms=30_000,
                )
                try:
                    await producer.start()
                except BaseException:
                    self._closer.close(_abandon(producer))
                    raise
                self._producer = producer
            return self._producer

    def _give_up(self, producer: AIOKafkaProducer | None) -> None:
        if producer is not None and producer is self._producer:
            self._producer = None
            self._closer.close(_abandon(producer))


@dataclass(slots=True)
class _Batch:
    """A batch, and the numbers of its messages among all that are published."""

    records: Any
    numbers: list[int] = field(default_factory=list)


async def _batches(producer: AIOKafkaProducer, messages: Sequence[Message]) -> dict[TopicPartition, list[_Batch]]:
    """Return each partition's messages as batches, in order."""
    partitions = {topic: sorted(await producer.partitions_for(topic)) for topic in {message.topic for message in messages}}
    choose = DefaultPartitioner()
    found: dict[TopicPartition, list[_Batch]] = {}
    for number, message in enumerate(messages):
        key, all_of_topic = message.key.encode(), partitions[message.topic]
        partition = TopicPartition(message.topic, choose(key, all_of_topic, all_of_topic))
        batches = found.setdefault(partition, [_Batch(producer.create_batch())])
        headers = {**message.headers, "ce_id": str(message.event_id), "ce_type": message.type}
        record = {
            "timestamp": None,
            "key": key,
            "value": message.body,
            "headers": [(name, value.encode()) for name, value in headers.items()],
        }
        if batches[-1].records.append(**record) is None:
            batches.append(_Batch(producer.create_batch()))
            batches[-1].records.append(**record)
        batches[-1].numbers.append(number)
    return found


async def _abandon(producer: AIOKafkaProducer) -> None:
    """Stop a producer. Its own `stop` would wait for ever for what an idempotent producer never gives up."""
    producer._closed = True  # noqa: SLF001
    sender = producer._sender.sender_task  # noqa: SLF001
    if sender:
        sender.cancel()
        await asyncio.wait([sender])
    await producer.client.close()
