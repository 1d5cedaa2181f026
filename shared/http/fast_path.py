"""A fast path past the framework for the one request that comes a million times a morning.

It answers what it can answer with a 200 and hands everything else, untouched, to the route of the same path: what is refused, and how, is
decided there alone (ADR 0018).
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import structlog
from starlette.types import Message, Receive, Scope, Send

from shared.database import Database, unavailable
from shared.http import problems
from shared.http.access import Access, CallerInfo
from shared.problems import Forbidden

log = structlog.get_logger()

MAX_BODY = 1024 * 1024
"""Bytes of a request's body."""
MAX_CHUNKS = 100
"""Pieces in which the body may arrive."""

Handle = Callable[[Database, CallerInfo, Mapping[str, str], bytes], Awaitable[bytes | None]]
"""Does what a request asks and returns the response as JSON; None, with nothing done, where the route must decide."""


@dataclass(frozen=True, slots=True)
class FastPath:
    """A fast path past a route. `pattern`: the paths that it handles, with the route's parameters as groups."""

    method: str
    route: str
    pattern: re.Pattern[str]
    access: Access
    handle: Handle

    def match(self, scope: Scope) -> Mapping[str, str] | None:
        """Return the path's parameters if this is a request of the route whose caller the access rule lets in without a look at the database."""
        found = self.pattern.fullmatch(scope["path"]) if scope["method"] == self.method and not scope["query_string"] else None
        caller: CallerInfo = scope["state"]["caller"]
        if found is None or self.access.looks_at_database(caller):
            return None
        try:
            self.access.check(caller, found.groupdict(), self.method)
        except Forbidden:
            return None
        return found.groupdict()

    async def answer(self, scope: Scope, receive: Receive, send: Send, database: Database, path: Mapping[str, str]) -> Receive | None:
        """Answer a request and return None; or return a `receive` that gives the request again from its beginning."""
        messages: list[Message] = []
        size = 0
        while not messages or messages[-1].get("more_body"):
            messages.append(await receive())
            size += len(messages[-1].get("body", b""))
            if messages[-1]["type"] != "http.request" or size > MAX_BODY or len(messages) > MAX_CHUNKS:
                return _replay(messages, receive)
        body = b"".join([message.get("body", b"") for message in messages])
        try:
            response = await self.handle(database, scope["state"]["caller"], path, body)
        except TimeoutError as error:  # the database does not answer: the route would wait as long again
            await problems.answer(unavailable(error))(scope, receive, send)
            return None
        except Exception as error:  # noqa: BLE001 -- the route meets it too, and knows what to answer
            log.warning("fast path failed", route=self.route, error=type(error).__name__)
            response = None
        if response is None:
            return _replay(messages, receive)
        scope["route"] = SimpleNamespace(path=self.route)
        headers = [(b"content-length", str(len(response)).encode()), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": response})
        return None


def _replay(messages: list[Message], receive: Receive) -> Receive:
    async def receive_again() -> Message:
        return messages.pop(0) if messages else await receive()

    return receive_again


def _path_of(route: str, **parameters: str) -> re.Pattern[str]:
    """Return a route's template as a pattern: `parameters` gives each one's own."""
    return re.compile(re.sub(r"\{(\w+)\}", lambda name: f"(?P<{name[1]}>{parameters[name[1]]})", route))


def fast_path_of(endpoint: Callable[..., Any], method: str, route: str, handle: Handle, **parameters: str) -> FastPath:
    """Return a fast path past an endpoint, under the endpoint's own access rule."""
    return FastPath(method, route, _path_of(route, **parameters), endpoint.access, handle)  # type: ignore[attr-defined]
