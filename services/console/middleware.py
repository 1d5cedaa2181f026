"""Around every request of the console: protection of forms, headers that browsers obey."""

from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope

from shared.http.edge import Edge, Response

log = structlog.get_logger()

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DOCUMENT_POLICY = "frame-ancestors 'none'"
"""For PDF files: the browser's own viewer needs style sheets and scripts of its own."""


class ConsoleEdge(Edge):
    """The outermost layer: `refuse` responds to a form of another site's page, `fail` to an unexpected error."""

    def __init__(self, app: ASGIApp, refuse: ASGIApp, fail: ASGIApp, public_url: str | None) -> None:
        super().__init__(app, "console")
        self.refuse = refuse
        self.fail = fail
        self.public_host = urlsplit(public_url).netloc if public_url else None

    async def handle(self, scope: Scope, headers: Headers, receive: Receive, send: Response) -> None:
        """Handle one request."""

        async def guard(message: Message) -> None:
            if message["type"] == "http.response.start":
                _protect(MutableHeaders(scope=message))
            await send(message)

        try:
            app = self.app if scope["method"] in {"GET", "HEAD"} or self._from_our_page(headers) else self.refuse
            await app(scope, receive, guard)
        except Exception as error:
            if send.status:
                raise
            log.error("page failed", exc_info=error)
            await self.fail(scope, receive, guard)

    def _from_our_page(self, headers: Headers) -> bool:
        """Return whether a form was sent by one of our own pages: browsers set these headers, and no page can change them."""
        origin = headers.get("origin", "null")
        if origin == "null":
            return headers.get("sec-fetch-site") == "same-origin"
        return urlsplit(origin).netloc in {headers.get("host"), self.public_host} - {None, ""}


def _protect(headers: MutableHeaders) -> None:
    document = headers.get("content-type", "").startswith("application/pdf")
    headers["content-security-policy"] = DOCUMENT_POLICY if document else PAGE_POLICY
    # Not no-referrer: with it browsers send forms with "Origin: null", also from our own pages.
    headers["referrer-policy"] = "same-origin"
    headers["cross-origin-opener-policy"] = "same-origin"
    headers["cross-origin-resource-policy"] = "same-origin"
