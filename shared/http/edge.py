"""Around every request: how many are in work, its trace, headers of every response, and a metric and a log line without personal data."""

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import structlog
from prometheus_client import Histogram
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.messaging import trace
from shared.problems import Problem, TooLong, Unavailable

log = structlog.get_logger()

_SECONDS = Histogram("http_request_seconds", "Time to the end of the answer", ["service", "method", "route", "status"])

UNLOGGED = ("/health/", "/metrics", "/assets/", "/static/")
UNLIMITED = ("/health/", "/metrics")
"""Paths that answer however many requests are in work, and count for none of them."""

MAX_IN_WORK = 256
"""Requests in work at once; a further one is refused at once instead of waiting for long."""


class Overloaded(Unavailable):
    """Too many requests are in work at the moment."""


class NoSuchRange(Problem):
    """The file has no such part."""

    status = 416

    def __init__(self) -> None:
        super().__init__("Ask for all of it, without a Range.")


BARE: Mapping[int, type[TooLong | NoSuchRange]] = {400: NoSuchRange, 413: TooLong, 416: NoSuchRange}
"""What the framework answers with a bare text: bodies that are too long, and parts of files that there are not."""


class Response:
    """Sends a response with the id of its trace; `status` is 0 until it begins.

    Nobody on the way keeps a response that does not ask for it, since most hold a child's data, and no browser takes it for what it is not.
    `refuse` sends a refusal in place of one that the framework sends past all handlers, as a bare text.
    """

    def __init__(self, send: Send, trace_id: str, refuse: Callable[[Problem, Send], Awaitable[None]]) -> None:
        self._send = send
        self._trace_id = trace_id
        self._refuse = refuse
        self._replaced = False
        self.status = 0

    async def __call__(self, message: Message) -> None:
        """Send a part of the response."""
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            if message["status"] in BARE and Headers(raw=message["headers"]).get("content-type", "").startswith("text/plain"):
                await self._refuse(BARE[message["status"]](), self)
                self._replaced = True
                return
            self.status = message["status"]
            headers = [*message["headers"], (b"x-trace-id", self._trace_id.encode()), (b"x-content-type-options", b"nosniff")]
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", b"no-store"))
            message["headers"] = headers
        await self._send(message)


class Edge:
    """The outermost layer of a web application."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self.service = service
        self.in_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, began = Headers(scope=scope), time.perf_counter()
        with trace.within(headers.get("traceparent")) as trace_id:
            scope.setdefault("state", {})["trace_id"] = trace_id
            response, slot = Response(send, trace_id, partial(self.refuse, scope, receive)), Slot(self)
            try:
                if scope["path"].startswith(UNLIMITED):
                    await self.handle(scope, headers, receive, response)
                elif self.in_work >= MAX_IN_WORK:
                    await self.refuse(scope, receive, Overloaded("Send the request again.", retry_after=1), response)
                else:
                    await self.handle(scope, headers, slot.taken_after(receive, headers), response)
            finally:
                slot.leave()
                self._record(scope, response.status or 500, time.perf_counter() - began)

    async def handle(self, scope: Scope, headers: Headers, receive: Receive, send: Response) -> None:
        """Handle one request."""
        raise NotImplementedError

    async def refuse(self, scope: Scope, receive: Receive, problem: Problem, send: Send) -> None:
        """Answer a request that the application does not take."""
        raise NotImplementedError

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's template, never the path: a path may hold a UPN.
        route: Any = scope.get("route")
        template = getattr(route, "path", "-")
        _SECONDS.labels(self.service, scope["method"], template, status).observe(seconds)
        if not scope["path"].startswith(UNLOGGED):
            log.info("request", service=self.service, method=scope["method"], route=template, status=status, ms=round(seconds * 1000, 1))


class Slot:
    """A request's slot among those in work, taken once the request has come completely: who sends slowly takes nobody's slot."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._taken = False

    def taken_after(self, receive: Receive, headers: Headers) -> Receive:
        """Return a `receive` that takes the slot with the last part of the body; without a body it is taken now."""
        if "transfer-encoding" not in headers and headers.get("content-length", "0") == "0":
            self._take()
            return receive

        async def receive_and_take() -> Message:
            message = await receive()
            if not message.get("more_body"):
                self._take()
            return message

        return receive_and_take

    def leave(self) -> None:
        """Give the slot to another request."""
        self._edge.in_work -= self._taken
        self._taken = False

    def _take(self) -> None:
        self._edge.in_work += not self._taken
        self._taken = True
