"""A shorter way for the one request that comes a million times a morning.

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

from shared.database import Database
from shared.http.access import Access, CallerInfo
from shared.problems import Forbidden

log = structlog.get_logger()

LARGEST = 1024 * 1024
"""Bytes of a body that is taken this way."""
PIECES = 100
"""Pieces in which it may come."""

Take = Callable[[Database, CallerInfo, Mapping[str, str], bytes], Awaitable[bytes | None]]
"""Does what a request asks and returns the answer as JSON; None, with nothing done, where the usual way must decide."""


@dataclass(frozen=True, slots=True)
class FastPath:
    """A shorter way past a route. `pattern`: paths that it takes, with the route's parameters as groups."""

    method: str
    route: str
    pattern: re.Pattern[str]
    access: Access
    take: Take

    def meets(self, scope: Scope) -> Mapping[str, str] | None:
        """Return the parameters of a request that may go this way."""
        found = self.pattern.fullmatch(scope["path"]) if scope["method"] == self.method and not scope["query_string"] else None
        caller: CallerInfo = scope["state"]["caller"]
        if found is None or self.access.guarded(caller):
            return None
        try:
            self.access.check(caller, found.groupdict())
        except Forbidden:
            return None
        return found.groupdict()

    async def answer(self, scope: Scope, receive: Receive, send: Send, database: Database, path: Mapping[str, str]) -> Receive | None:
        """Answer a request; or return a way to receive it again from its beginning."""
        messages: list[Message] = []
        size = 0
        while not messages or messages[-1].get("more_body"):
            messages.append(await receive())
            size += len(messages[-1].get("body", b""))
            if messages[-1]["type"] != "http.request" or size > LARGEST or len(messages) > PIECES:
                return _again(messages, receive)
        body = b"".join([message.get("body", b"") for message in messages])
        try:
            done = await self.take(database, scope["state"]["caller"], path, body)
        except Exception as trouble:  # noqa: BLE001 -- the usual way meets it too, and knows what to answer
            log.warning("no fast path", route=self.route, trouble=type(trouble).__name__)
            done = None
        if done is None:
            return _again(messages, receive)
        scope["route"] = SimpleNamespace(path=self.route)
        headers = [(b"content-length", str(len(done)).encode()), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": done})
        return None


def _again(messages: list[Message], receive: Receive) -> Receive:
    async def replayed() -> Message:
        return messages.pop(0) if messages else await receive()

    return replayed


def _path_of(route: str, **parameters: str) -> re.Pattern[str]:
    """Return a route's template as a pattern: `parameters` gives each one's own."""
    return re.compile(re.sub(r"\{(\w+)\}", lambda name: f"(?P<{name[1]}>{parameters[name[1]]})", route))


def fast_path_of(endpoint: Callable[..., Any], method: str, route: str, take: Take, **parameters: str) -> FastPath:
    """Return a shorter way past an endpoint, under its own access rule."""
    return FastPath(method, route, _path_of(route, **parameters), endpoint.access, take)  # type: ignore[attr-defined]
