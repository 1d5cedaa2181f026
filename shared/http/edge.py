"""Around every request: its trace, and a metric and a log line without personal data."""

import time
from typing import Any

import structlog
from prometheus_client import Histogram
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.messaging import trace

log = structlog.get_logger()

_SECONDS = Histogram("http_request_seconds", "Time to the end of the answer", ["service", "method", "route", "status"])

UNLOGGED = ("/health/", "/metrics", "/assets/", "/static/")


class Response:
    """Sends a response with the id of its trace; `status` is 0 until it begins."""

    def __init__(self, send: Send, trace_id: str) -> None:
        self._send = send
        self._trace_id = trace_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        """Send a part of the response."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], (b"x-trace-id", self._trace_id.encode())]
        await self._send(message)


class Edge:
    """The outermost layer of a web application."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, began = Headers(scope=scope), time.perf_counter()
        with trace.within(headers.get("traceparent")) as trace_id:
            scope.setdefault("state", {})["trace_id"] = trace_id
            response = Response(send, trace_id)
            try:
                await self.handle(scope, headers, receive, response)
            finally:
                self._record(scope, response.status or 500, time.perf_counter() - began)

    async def handle(self, scope: Scope, headers: Headers, receive: Receive, send: Response) -> None:
        """Handle one request."""
        raise NotImplementedError

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's template, never the path: a path may hold a UPN.
        route: Any = scope.get("route")
        template = getattr(route, "path", "-")
        _SECONDS.labels(self.service, scope["method"], template, status).observe(seconds)
        if not scope["path"].startswith(UNLOGGED):
            log.info("request", service=self.service, method=scope["method"], route=template, status=status, ms=round(seconds * 1000, 1))
