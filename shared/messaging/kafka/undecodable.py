"""Records that the client cannot decode: a header's name that is no UTF-8.

The client then gives nothing of the batch from that record on, and has no setting for it. A batch is of one producer, and no service's: so what
is left of it is skipped, and stands among the dead letters by its offsets, where operations can look at it with Kafka's own tools.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiokafka
import structlog
from aiokafka import AIOKafkaConsumer

log = structlog.get_logger()

ANSWER_MS = 1000
"""How long the broker may take to give a record that it has."""


@dataclass(frozen=True, slots=True)
class UndecodableRecords:
    """In place of the records from `first` to `offset`, as the client gives a record: without a type, so that it is kept as no event."""

    topic: str
    partition: int
    offset: int
    first: int
    key: bytes | None = None
    value: bytes | None = None

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """What its dead letter shows of them."""
        return [("undecodable", f"offsets {self.first} to {self.offset}: a header's name is no UTF-8".encode())]


async def read_one(consumer: AIOKafkaConsumer, partition: aiokafka.TopicPartition, offset: int) -> Any:
    """Return the record at an offset or the next one after it, or `UndecodableRecords` in place of those there; None where none comes in time.

    The consumer then goes on after it.
    """
    consumer.seek(partition, offset)
    try:
        return await _next(consumer, partition)
    except UnicodeDecodeError:
        pass
    end, later = (await consumer.end_offsets([partition]))[partition], offset + 1
    while later < end:
        consumer.seek(partition, later)
        try:
            if await _next(consumer, partition) is None:
                return None
            break
        except UnicodeDecodeError:
            later += 1
    consumer.seek(partition, later)
    log.error("records cannot be decoded", topic=partition.topic, partition=partition.partition, first=offset, last=later - 1)
    return UndecodableRecords(partition.topic, partition.partition, later - 1, offset)


async def _next(consumer: AIOKafkaConsumer, partition: aiokafka.TopicPartition) -> Any:
    records = await consumer.getmany(partition, timeout_ms=ANSWER_MS, max_records=1)
    return next((record for each in records.values() for record in each), None)
