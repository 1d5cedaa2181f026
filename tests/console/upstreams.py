"""Stand-ins for the five services: real HTTP servers on loopback that give the responses of a test and record the requests."""

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.servers import LoopbackServer

SERVICES = ("registers", "thresholds", "penalties", "prosecutions", "notifications")


@dataclass
class ReceivedRequest:
    """One request that a service received."""

    service: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Upstreams:
    """The responses of each service by method and path; anything else is 404."""

    responses: dict[tuple[str, str, str], tuple[int, Any]] = field(default_factory=dict)
    headers: dict[tuple[str, str, str], dict[str, str]] = field(default_factory=dict)
    requests: list[ReceivedRequest] = field(default_factory=list)
    posts: tuple[int, Any] | None = None
    """How every POST is answered that has no response of its own."""
    servers: dict[str, LoopbackServer] = field(default_factory=dict)

    def start(self) -> None:
        for service in SERVICES:
            self.servers[service] = LoopbackServer(_handler(self, service))

    def url(self, service: str) -> str:
        return self.servers[service].url

    def stop(self, *services: str) -> None:
        for service in services or tuple(self.servers):
            if server := self.servers.pop(service, None):
                server.stop()

    def respond(
        self, service: str, path: str, response: Any, *, method: str = "GET", status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        self.responses[service, method, path] = (status, response)
        self.headers[service, method, path] = headers or {}

    def respond_list(self, service: str, path: str, *items: Any, more: str | None = None, **beside: Any) -> None:
        """Respond with a page of a list; `more`: the cursor of the next one, `beside`: what else the page has."""
        page = {"items": list(items), "next": more, "previous": None, "first": 1, "total": None if more else len(items)}
        self.respond(service, path, page | beside)

    def last(self, path: str) -> ReceivedRequest:
        """Return the last request for a path: a page asks for several things at once, in no order."""
        return [each for each in self.requests if each.path == path][-1]

    def posted(self) -> list[ReceivedRequest]:
        return [each for each in self.requests if each.method == "POST"]


def _body(raw: bytes, headers: dict[str, str]) -> Any:
    if not raw:
        return None
    return json.loads(raw) if headers.get("content-type") == "application/json" else raw


def _handler(upstreams: Upstreams, service: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            pass

        def reply(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received = ReceivedRequest(service, self.command, parts.path, dict(parse_qsl(parts.query)), headers, _body(raw, headers))
            upstreams.requests.append(received)
            missing: tuple[int, Any] = (404, {"title": "There is no such thing", "status": 404})
            if upstreams.posts and self.command == "POST":
                missing = upstreams.posts
            if parts.path == "/health/ready":
                missing = (200, {"status": "ready"})
            status, body = upstreams.responses.get((service, self.command, parts.path), missing)
            pdf = isinstance(body, bytes)
            sent = body if pdf else json.dumps(body).encode()
            self.send_response(status)
            self.send_header(
                "Content-Type", "application/pdf" if pdf else "application/problem+json" if status >= 400 else "application/json"
            )
            more = upstreams.headers.get((service, self.command, parts.path), {"Retry-After": "1"} if status == 503 == missing[0] else {})
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = reply  # noqa: N815 -- the names that the standard library looks for

    return Handler
