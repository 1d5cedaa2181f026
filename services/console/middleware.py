"""Around every request of the console: protection of forms, headers that browsers obey."""

from collections.abc import Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.console.addresses import host_of
from shared.http.edge import Edge, Response
from shared.problems import Problem

log = structlog.get_logger()

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DOCUMENT_POLICY = "frame-ancestors 'none'"
"""For PDF files: the browser's own viewer needs style sheets and scripts of its own."""


class ConsoleEdge(Edge):
    """The outermost layer: `foreign` responds to a form of another site's page, `fail` to an unexpected error, `explain` to a refusal."""

    def __init__(
        self, app: ASGIApp, foreign: ASGIApp, fail: ASGIApp, explain: Callable[[Problem], ASGIApp], public_url: str | None
    ) -> None:
        super().__init__(app, "console")
        self.foreign = foreign
        self.fail = fail
        self.explain = explain
        self.public_host = host_of(public_url or "")

    async def handle(self, scope: Scope, headers: Headers, receive: Receive, send: Response) -> None:
        """Handle one request."""
        guarded = _guarded(send)
        try:
            app = self.app if scope["method"] in {"GET", "HEAD"} or self._from_our_page(headers) else self.foreign
            await app(scope, receive, guarded)
        except Exception as error:
            if send.status:
                raise
            log.error("page failed", exc_info=error)
            await self.fail(scope, receive, guarded)

    async def refuse(self, scope: Scope, receive: Receive, problem: Problem, send: Send) -> None:
        """Answer with a page."""
        await self.explain(problem)(scope, receive, _guarded(send))

    def _from_our_page(self, headers: Headers) -> bool:
        """Return whether a form was sent by one of our own pages: browsers set these headers, and no page can change them."""
        origin = headers.get("origin", "null")
        if origin == "null":
            return headers.get("sec-fetch-site") == "same-origin"
        return host_of(origin) in {headers.get("host"), self.public_host} - {None, ""}


def _guarded(send: Send) -> Send:
    """Return a `send` that adds to a response what browsers obey."""

    async def guard(message: Message) -> None:
        if message["type"] == "http.response.start":
            _protect(MutableHeaders(scope=message))
        await send(message)

    return guard


def _protect(headers: MutableHeaders) -> None:
    document = headers.get("content-type", "").startswith("application/pdf")
    headers["content-security-policy"] = DOCUMENT_POLICY if document else PAGE_POLICY
    # Not no-referrer: with it browsers send forms with "Origin: null", also from our own pages.
    headers["referrer-policy"] = "same-origin"
    headers["cross-origin-opener-policy"] = "same-origin"
    headers["cross-origin-resource-policy"] = "same-origin"
