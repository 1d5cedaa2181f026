"""The newest events of the log, in the memory of the process that appended them: whoever reads them there need not ask the database."""

from collections.abc import Sequence

from shared.messaging.messages import Message

MAX_BYTES = 4 * 2**20
"""Of the bodies in one tail: half a second of the largest flood."""
MAX_EVENTS = 2_000


class Tail:
    """The newest events of one partition, without a gap."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, max_events: int = MAX_EVENTS) -> None:
        self._max_bytes, self._max_events = max_bytes, max_events
        self._messages: list[Message] = []
        self._bytes = 0
        self._first = 0

    def append(self, offset: int, message: Message) -> None:
        """Add an event that was committed; the oldest are dropped where there are too many.

        Where it does not follow on the last one (another process appended in between, or the log was lost), the tail begins anew with it.
        """
        if offset != self._first + len(self._messages):
            self._messages, self._bytes, self._first = [], 0, offset
        self._messages.append(message)
        self._bytes += len(message.body)
        dropped = 0
        while self._bytes > self._max_bytes or len(self._messages) - dropped > self._max_events:
            self._bytes -= len(self._messages[dropped].body)
            dropped += 1
        del self._messages[:dropped]
        self._first += dropped

    def read(self, offset: int, limit: int) -> Sequence[Message]:
        """Return the events from an offset on, at most so many; none where the tail does not hold the event of that offset."""
        position = offset - self._first
        return self._messages[position : position + limit] if position >= 0 else []
