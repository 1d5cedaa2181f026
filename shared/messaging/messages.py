"""Messages as transports carry them: CloudEvents 1.0 in binary mode, JSON body."""

import json
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from shared.problems import Problem

NO_TYPE = "unknown"
"""The type of a record that names none, so that it is no event."""
_READABLE_TYPE = re.compile(r"[\w.:/+-]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Message:
    """One event on its way. `headers` hold the CloudEvents attributes (`ce_id`, `ce_type`, …) as text."""

    event_id: UUID
    topic: str
    key: str
    type: str
    body: bytes
    headers: Mapping[str, str]


class Unpublishable(Problem):
    """The log refuses an event for what it is."""


def is_readable_type(kind: str) -> bool:
    """Return whether a text may be the type of an event at all."""
    return kind != NO_TYPE and _READABLE_TYPE.fullmatch(kind) is not None


def storable(value: str) -> str:
    """Return a text as PostgreSQL can store it: NUL and halves of characters, which it cannot, are written out."""
    return value.encode(errors="backslashreplace").decode().replace("\x00", "\\x00")


def as_headers(value: object) -> dict[str, str]:
    """Return headers as text by name, whatever stands where they should be."""
    if not isinstance(value, Mapping):
        return {"headers": storable(str(value))}
    return {storable(str(name)): storable(each if isinstance(each, str) else str(each)) for name, each in value.items()}


def read_headers(stored: str) -> dict[str, str]:
    """Read headers that are stored as JSON, whatever they hold."""
    try:
        return as_headers(json.loads(stored))
    except (ValueError, RecursionError):  # an integer of thousands of digits is a ValueError
        return as_headers(stored)


class TopicPartition(NamedTuple):
    """A partition of a topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Received:
    """A message, its offset, and `since`: where reading stood before it, which is its offset unless the log has a gap there.

    A consumer's stored offset moves from the first message's `since` to past the last message's offset.
    """

    message: Message
    offset: int
    since: int


class StoredOffset(NamedTuple):
    """The offset at which a consumer goes on, and the last event that it handled: it stands before that offset if the log is still the same."""

    next_offset: int
    last_event_id: UUID | None


Standing = tuple[TopicPartition, int]
"""Where an event stands: a partition and its offset there."""


class Oldest(NamedTuple):
    """Where an event stands, when it was stored, and when the log deletes it, read or not (None: never before every reader has read it)."""

    offset: int
    stored_at: datetime
    deleted_at: datetime | None


LoadOffsets = Callable[[Sequence[TopicPartition]], Awaitable[Mapping[TopicPartition, StoredOffset]]]
"""Ask the consumer's own database where to go on (0 where it never was)."""


class Subscription(Protocol):
    """A consumer group's share of some topics."""

    async def start(self) -> None:
        """Begin to connect; a broker that is away is no failure here (`fetch` raises while it is)."""

    async def fetch(self, *, limit: int, wait_seconds: float) -> Mapping[TopicPartition, Sequence[Received]]:
        """Return what came next per partition, in order, at most `limit` of each; nothing after `wait_seconds` without any.

        Raise if the broker or the consumer's own database is away.
        """

    async def rewind(self, partition: TopicPartition) -> None:
        """Go back to the stored offset with the next `fetch`: what was fetched was not handled."""

    def holds(self, partition: TopicPartition) -> bool:
        """Return whether the partition is still this member's."""

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Take note of the offsets that the consumer stored, to be seen by others (`Transport.readers`) some seconds later."""

    async def stop(self) -> None:
        """Leave the group."""


class Transport(Protocol):
    """Kafka, or the durable log in PostgreSQL."""

    async def start(self) -> None:
        """Connect the producer (lazily is fine)."""

    async def publish(self, messages: Sequence[Message]) -> list[Standing]:
        """Return where each message stands when all are durably accepted, in order per key; raise if any may not be.

        Raise Unpublishable where the log would refuse one of them for ever. A message that the log holds already stands where it stood; on Kafka it is appended once more.
        """

    def subscribe(self, group: str, topics: Sequence[str], load_offsets: LoadOffsets, *, unread: Collection[str] = ()) -> Subscription:
        """Return a group's subscription, not yet started; of events of the types `unread` the body may be left out."""

    async def ends(self, topics: Collection[str]) -> Mapping[TopicPartition, int]:
        """Return the next offset of each partition of these topics; none of a topic that does not exist."""

    async def readers(self, topics: Collection[str]) -> Mapping[str, Mapping[TopicPartition, int]]:
        """Return the offset at which each group goes on in these topics: of those that ever subscribed to one."""

    async def oldest(self, standings: Collection[Standing]) -> Mapping[Standing, Oldest]:
        """Return of the first event that there is at each offset or after it when it was stored; nothing where there is none."""

    async def remove_reader(self, reader: str) -> None:
        """Keep nothing more for a group that is gone for good. Raise LookupError, with what to do, where only the broker's tools can."""

    async def read(self, partition: TopicPartition, from_offset: int, limit: int) -> Sequence[Received]:
        """Return the events of a partition from an offset on, at most so many, without being a group."""

    async def stop(self) -> None:
        """Flush and disconnect."""
