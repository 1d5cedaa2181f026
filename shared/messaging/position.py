"""Where a consumer stands in a partition, and how it knows that the log before it is still the one that it read."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from shared.messaging.comparison import read_pages
from shared.messaging.messages import Message, Received, StoredOffset, TopicPartition, Transport

log = structlog.get_logger()


@dataclass(slots=True)
class Position:
    """A consumer's position in a partition.

    `stored` is the offset in the consumer's own database, `reading` the one that the log is expected to give next: the same, unless the log
    has a gap there, or the event that was handled last is read once more. `last_event_id` is that event, until it was found again where it
    stood: from there on the log is known to be the same.
    """

    stored: int
    reading: int
    last_event_id: UUID | None

    @classmethod
    def at(cls, stored: StoredOffset) -> "Position":
        """Return the position that begins with the event that was handled last, if there is one."""
        offset, last_event_id = stored
        return cls(offset, offset - bool(last_event_id), last_event_id)

    def was_replaced(self, offset: int | None, event_id: UUID | None) -> bool:
        """Return whether another event stands where the one stood that was handled last: the log was lost, and has grown again since."""
        return bool(self.last_event_id) and offset == self.stored - 1 and event_id != self.last_event_id

    def confirm(self, offset: int | None) -> bool:
        """Take note of the first event that was read; return whether it is the one that was handled last, so that it is left out."""
        found = bool(self.last_event_id) and offset == self.stored - 1
        if self.last_event_id:
            self.last_event_id, self.reading = None, self.stored
        return found

    def receive(self, message: Message, offset: int) -> Received:
        """Return a message as received, and stand after it."""
        received = Received(message, offset, self.stored)
        self.stored = self.reading = offset + 1
        return received

    def resume_at(self, offset: int, group: str, partition: TopicPartition, *, lost: bool) -> None:
        """Go on where the log goes on, and log it: it lost its oldest events, or it is another log (`lost`)."""
        what = "the log was lost and begins anew" if lost else "events are missing from the log"
        log.error(what, consumer=group, topic=partition.topic, partition=partition.number, read_up_to=self.stored, goes_on_at=offset)
        self.last_event_id, self.reading = None, offset


async def read_on(
    transport: Transport, group: str, partition: TopicPartition, stored: StoredOffset, end: int
) -> AsyncIterator[Sequence[Received]]:
    """Give what a group has not handled of a partition, up to an offset, a page at a time; from the beginning where the log was lost since."""
    position = Position.at(stored)
    first = next(iter(await transport.read(partition, position.reading, 1)), None) if position.reading < end else None
    if end < position.stored or (first and position.was_replaced(first.offset, first.message.event_id)):
        position.resume_at(0, group, partition, lost=True)
        begin = 0
    else:
        begin = position.stored
    async for page in read_pages(transport, partition, begin, end):
        yield [position.receive(each.message, each.offset) for each in page]
