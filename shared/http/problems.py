"""Every refusal and failure as RFC 9457; a failure shows nothing but its trace id."""

from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared.messaging import trace
from shared.problems import Invalid, Problem, TooLong

log = structlog.get_logger()

HUNG_UP = 499
"""The status, seen in logs and figures alone, of a request whose client went before it had sent it (as nginx has it)."""


class NotText(Problem):
    """The body is not text in UTF-8."""

    status = 400


def answer(problem: Problem) -> Response:
    """Return the problem as a response."""
    return Response(orjson.dumps(problem.body(), default=str), problem.status, problem.headers, "application/problem+json")


def untyped(status: int, title: str, **more: Any) -> Response:
    """Return a problem that has no class of its own."""
    body = {"type": "about:blank", "title": title, "status": status, **more}
    return Response(orjson.dumps(body), status, media_type="application/problem+json")


async def hung_up(_request: Request, _error: Exception) -> Response:
    """Return what nobody receives: the client has gone, which is no error of ours."""
    return Response(status_code=HUNG_UP)


def install(app: FastAPI) -> None:
    """Make an application answer with problems."""

    @app.exception_handler(Problem)
    async def refused(_request: Request, problem: Problem) -> Response:
        return answer(problem)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if getattr(request.state, "not_text", False):
            return answer(NotText())
        # The input itself is not repeated: it may hold a child's data.
        errors = [{"where": [str(part) for part in each["loc"]], "what": each["msg"]} for each in error.errors()]
        return answer(Invalid("See errors.", errors=errors))

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> Response:
        if error.status_code == TooLong.status:
            return answer(TooLong())
        titles = {404: "There is no such page", 405: "This path does not take that method", 400: "The body could not be read"}
        refusal = untyped(error.status_code, titles.get(error.status_code, str(error.detail)))
        refusal.headers.update(error.headers or {})  # of a 405, what the path takes
        return refusal

    app.add_exception_handler(ClientDisconnect, hung_up)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        trace_id = getattr(request.state, "trace_id", trace.trace_id())
        log.error("request failed", trace_id=trace_id, error=type(error).__name__, exc_info=error)
        return untyped(500, "Something went wrong here", trace_id=trace_id)
