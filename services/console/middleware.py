"""Around every request of the console: trace, protection of forms, headers that browsers obey, a log line, metrics."""

import time
from typing import Any
from urllib.parse import urlsplit

import structlog
from prometheus_client import Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.messaging import trace

log = structlog.get_logger()

_SECONDS = Histogram("console_page_seconds", "Time to the end of a page", ["method", "route", "status"])

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DOCUMENT_POLICY = "frame-ancestors 'none'"
"""For PDF files: the browser's own viewer needs style sheets and scripts of its own."""


class Edge:
    """The outermost layer: `refuse` responds to a form of another site's page, `fail` to an unexpected error."""

    def __init__(self, app: ASGIApp, refuse: ASGIApp, fail: ASGIApp, public_url: str | None) -> None:
        self.app = app
        self.refuse = refuse
        self.fail = fail
        self.public_host = urlsplit(public_url).netloc if public_url else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        began, status = time.perf_counter(), 0
        with trace.within(headers.get("traceparent")) as trace_id:
            scope.setdefault("state", {})["trace_id"] = trace_id

            async def guard(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    _protect(MutableHeaders(scope=message), trace_id)
                await send(message)

            try:
                app = self.app if scope["method"] in {"GET", "HEAD"} or self._from_our_page(headers) else self.refuse
                await app(scope, receive, guard)
            except Exception as error:
                if status:
                    raise
                log.error("page failed", exc_info=error)
                await self.fail(scope, receive, guard)
            finally:
                _record(scope, status, time.perf_counter() - began)

    def _from_our_page(self, headers: Headers) -> bool:
        """Return whether a form was sent by one of our own pages: browsers set these headers, and no page can change them."""
        origin = headers.get("origin", "null")
        if origin == "null":
            return headers.get("sec-fetch-site") == "same-origin"
        return urlsplit(origin).netloc in {headers.get("host"), self.public_host} - {None, ""}


def _protect(headers: MutableHeaders, trace_id: str) -> None:
    document = headers.get("content-type", "").startswith("application/pdf")
    headers["content-security-policy"] = DOCUMENT_POLICY if document else PAGE_POLICY
    headers["x-content-type-options"] = "nosniff"
    # Not no-referrer: with it browsers send forms with "Origin: null", also from our own pages.
    headers["referrer-policy"] = "same-origin"
    headers["cross-origin-opener-policy"] = "same-origin"
    headers["cross-origin-resource-policy"] = "same-origin"
    headers["x-trace-id"] = trace_id
    headers.setdefault("cache-control", "no-store")


def _record(scope: Scope, status: int, seconds: float) -> None:
    # The route's template, never the path: a path holds ids of people's cases.
    route: Any = scope.get("route")
    template = getattr(route, "path", "-")
    _SECONDS.labels(scope["method"], template, status).observe(seconds)
    if not scope["path"].startswith(("/health/", "/metrics", "/assets/", "/static/")):
        log.info("page", service="console", method=scope["method"], route=template, status=status, ms=round(seconds * 1000, 1))
