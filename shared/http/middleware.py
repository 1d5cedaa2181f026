"""Around every request: trace, authentication before the body is read, a log line without personal data, metrics."""

import time
from typing import Any

import structlog
from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.database import Database
from shared.http import problems, tokens
from shared.messaging import trace
from shared.problems import Unauthenticated
from shared.service import Service

log = structlog.get_logger()

_SECONDS = Histogram("http_request_seconds", "Time to the end of the answer", ["service", "method", "route", "status"])

OPEN_PATHS = ("/health/", "/metrics", "/openapi.json", "/docs", "/redoc")


class Edge:
    """The outermost layer of a service's API.

    Authentication comes before routing, so that a stranger learns nothing from an unknown path; paths in `public` bring their own proof.
    """

    def __init__(self, app: ASGIApp, service: Service, database: Database, public: frozenset[str]) -> None:
        self.app = app
        self.service = service.name
        self.fast_paths = service.fast_paths
        self.database = database
        self.public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        began, status = time.perf_counter(), 500
        with trace.within(headers.get("traceparent")) as trace_id:
            scope.setdefault("state", {})["trace_id"] = trace_id

            async def note(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    message["headers"] = [*message["headers"], (b"x-trace-id", trace_id.encode())]
                await send(message)

            try:
                if not self._open(scope["path"]):
                    scope["state"]["caller"] = tokens.read(_bearer(headers))
                    for fast_path in self.fast_paths:
                        if (path := fast_path.match(scope)) is not None:
                            replay = await fast_path.answer(scope, receive, note, self.database, path)
                            if replay is None:
                                return
                            receive = replay
            except Unauthenticated as refusal:
                refusal.headers["WWW-Authenticate"] = "Bearer"
                await problems.answer(refusal)(scope, receive, note)
            else:
                await self.app(scope, receive, note)
            finally:
                self._account(scope, status, time.perf_counter() - began)

    def _open(self, path: str) -> bool:
        return path in self.public or path.startswith(OPEN_PATHS)

    def _account(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's template, never the path: a path may hold a UPN.
        route: Any = scope.get("route")
        template = getattr(route, "path", "-")
        _SECONDS.labels(self.service, scope["method"], template, status).observe(seconds)
        if not template.startswith(("/health", "/metrics")):
            log.info("request", service=self.service, method=scope["method"], route=template, status=status, ms=round(seconds * 1000, 1))


def _bearer(headers: dict[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send an Authorization header with a bearer token.")
    return token.strip()
