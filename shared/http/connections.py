"""What one connection to a web server may cost: how long it may be silent, how much it may send beside a body, how many there may be.

uvicorn limits none of this by itself: a socket that sends nothing stays open for ever there, and counts as a request in work (ADR 0021).
"""

import asyncio
from http import HTTPStatus
from typing import cast

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

RECEIVE_SECONDS = 10
"""A connection has sent a complete request so long after it was opened or used, or so long after the request's first byte."""
BODY_RATE = 64 * 1024
"""Bytes of a body for which its sender gets another second: a file of half a gigabyte takes longer than a register."""
WRITE_SECONDS = 60
"""A client that takes nothing of its response for so long has gone."""
MAX_CONNECTIONS = 1000
"""To one server at once. A further one takes the place of the one that has kept the server waiting for longest."""
MAX_HEAD = 64 * 1024
"""Bytes of a request beside its body."""


class Connection(HttpToolsProtocol):
    """A connection that ends when its client keeps the server waiting, or sends a head without end."""

    _timer: asyncio.TimerHandle
    _waiting_since: float
    _blocked_since: float | None = None
    _body = 0
    _beside = 0
    _ended = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # so does uvicorn
        """Begin, and make room where there are too many connections."""
        super().connection_made(transport)
        self._waiting_since = self.loop.time()
        self._timer = self.loop.call_later(RECEIVE_SECONDS, self._end_if_overdue)
        if len(self.connections) > MAX_CONNECTIONS:
            longest = min((each for each in self.connections if isinstance(each, Connection)), key=Connection._turn)
            self.connections.discard(longest)
            longest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what was sent; refuse a request that sends too much beside its body. After a refusal, read until the client or its time ends."""
        if self._ended:
            self._body += len(data)
            return
        self._beside += len(data)
        super().data_received(data)
        too_much = self._beside > MAX_HEAD + self._body // 8  # a chunked body has more beside it
        if too_much and not (self._ended or self.transport.is_closing()):
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The head of the request is too long")

    def on_message_begin(self) -> None:
        """Note that a request begins."""
        self._waiting_since, self._body, self._beside = self.loop.time(), 0, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Note the address; refuse one that holds more than ASCII, which no reader of addresses takes."""
        url.decode("ascii")
        super().on_url(url)

    def on_headers_complete(self) -> None:
        """Begin to handle a request; refuse one with a body that asks for another protocol: its parser takes the body for that protocol's."""
        if self.parser.should_upgrade() and any(
            name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in self.headers
        ):
            self._refuse(HTTPStatus.BAD_REQUEST, "A request with a body cannot ask for another protocol: send it without Upgrade")
            return
        super().on_headers_complete()
        if not self.cycle.keep_alive:
            self.cycle.transport = cast(asyncio.Transport, _Ending(self))

    def on_body(self, body: bytes) -> None:
        """Note how much of a body came."""
        self._body += len(body)
        self._beside -= len(body)
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Note that the next request may come."""
        self._waiting_since = self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Note that the client takes nothing of its response."""
        self._blocked_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that the client takes its response."""
        self._blocked_since = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Do nothing: uvicorn would close after five seconds, for which many clients keep a connection, and cross their next request."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg.rstrip("."))

    def refusal(self, status: HTTPStatus, title: str) -> tuple[str, bytes]:
        """Return the media type and the body of a refusal: a problem."""
        return "application/problem+json", orjson.dumps({"type": "about:blank", "title": title, "status": status})

    @property
    def _busy(self) -> bool:
        """Whether a request that has come completely waits for its response."""
        return self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete

    def _turn(self) -> tuple[bool, bool, float]:
        """Return the connection's place among those that make room: first those that never sent a request, the longest silent before the others."""
        return self._busy, self.cycle is not None, self._waiting_since

    def _end_if_overdue(self) -> None:
        now = self.loop.time()
        if self.flow.read_paused:  # the server is behind, not the client
            self._waiting_since = now
        if self.transport.is_closing() and self._blocked_since is None:  # the rest of the response is still to be taken
            self._blocked_since = now
        if self._blocked_since is not None:
            due = self._blocked_since + WRITE_SECONDS
        elif self._busy:
            due = now + RECEIVE_SECONDS
        else:
            due = self._waiting_since + RECEIVE_SECONDS + self._body / BODY_RATE
        if due <= now:
            self.transport.abort()
        else:
            self._timer = self.loop.call_at(due, self._end_if_overdue)

    def _refuse(self, status: HTTPStatus, title: str) -> None:
        if self._ended:
            return
        if self.cycle is not None and not self.cycle.response_complete:  # a response has perhaps begun: no other can be sent
            self.transport.abort()
            return
        media_type, body = self.refusal(status, title)
        head = (
            f"HTTP/1.1 {status} {status.phrase}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.end()

    def end(self) -> None:
        """Send nothing more, and read until the client ends: closed with something unread, a connection takes back what was sent."""
        self.transport.write_eof()
        self._ended = True


class _Ending:
    """The transport of a request after which its client wants no other: where the body has not come completely, closing waits for it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.write = connection.transport.write
        self.is_closing = connection.transport.is_closing

    def close(self) -> None:
        """Close."""
        if self._connection.cycle.more_body and not self.is_closing():
            self._connection.end()
        else:
            self._connection.transport.close()
