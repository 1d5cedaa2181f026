"""Other services and a letter provider that respond over real sockets."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp


class Upstreams:
    """What the other services respond, by path."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.down = False
        self.app = Starlette(routes=[Route("/{path:path}", self.answer)])

    async def answer(self, request: Request) -> JSONResponse:
        if self.down:
            return JSONResponse({}, 503)
        found = self.answers.get(request.url.path)
        return JSONResponse(found or {}, 200 if found else 404)


class PostOffice:
    """The stand-in behind a counter: how many letters it was handed, and whether it refuses or is away."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.handed = 0
        self.away = False
        self.loses_answers = False
        self.status: int | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and self.away:
            await JSONResponse({}, 503)(scope, receive, send)
            return
        if scope["type"] == "http" and scope["method"] == "POST":
            self.handed += 1
            if self.status:
                await JSONResponse({"status_code": self.status, "errors": []}, self.status)(scope, receive, send)
                return
            if self.loses_answers:
                await self.app(scope, receive, _nowhere)
                await JSONResponse({}, 502)(scope, receive, send)
                return
        await self.app(scope, receive, send)


async def _nowhere(_message: Any) -> None:
    return
