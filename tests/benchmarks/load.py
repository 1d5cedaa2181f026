"""A load generator over raw sockets: keep-alive connections, requests made beforehand, no client library in the way."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Answers:
    """What came back: seconds per request, when the last answer was there, and every answer that was no 200."""

    seconds: list[float] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0
    refused: list[bytes] = field(default_factory=list)

    @property
    def duration(self) -> float:
        return self.ended - self.began

    def percentile(self, share: float) -> float:
        """Return milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def request(port: int, path: str, token: str, body: bytes) -> bytes:
    """Return a PUT as it goes over the wire."""
    head = (
        f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def send(port: int, requests: Sequence[bytes], *, connections: int = 24, per_second: float | None = None) -> Answers:
    """Send requests in order over several connections: as fast as answers come, or paced.

    Paced, a request's time counts from when it was due, not from when a connection was free.
    """
    answers = Answers()
    queue: deque[tuple[int, bytes]] = deque(enumerate(requests))
    loop = asyncio.get_running_loop()
    clients = [await loop.create_connection(_Client, "127.0.0.1", port) for _ in range(connections)]
    answers.began = time.perf_counter()

    async def work(client: "_Client") -> None:
        while queue:
            number, wire = queue.popleft()
            due = time.perf_counter()
            if per_second:
                due = answers.began + number / per_second
                if (early := due - time.perf_counter()) > 0:
                    await asyncio.sleep(early)
            answer = await client.ask(wire)
            answers.seconds.append(time.perf_counter() - due)
            if not answer.startswith(b"HTTP/1.1 200"):
                answers.refused.append(answer[:300])

    await asyncio.gather(*(work(client) for _, client in clients))
    answers.ended = time.perf_counter()
    for transport, _ in clients:
        transport.close()
    return answers


class _Client(asyncio.Protocol):
    """One connection; one request at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.received = bytearray()
        self.waiting: asyncio.Future[bytes] | None = None

    def ask(self, wire: bytes) -> "asyncio.Future[bytes]":
        self.waiting = asyncio.get_running_loop().create_future()
        self.transport.write(wire)
        return self.waiting

    def data_received(self, data: bytes) -> None:
        self.received += data
        head = self.received.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self.received.lower().find(b"content-length:", 0, head)
        length = int(self.received[at + 15 : self.received.find(b"\r\n", at)])
        if len(self.received) >= head + 4 + length and self.waiting:
            answer, self.received = bytes(self.received), bytearray()
            self.waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.waiting and not self.waiting.done():
            self.waiting.set_exception(exc or ConnectionError("closed"))
