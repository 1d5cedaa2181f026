"""Routes: access first, one transaction per request, committed before the answer is sent."""

import asyncio
import hashlib
import re
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from shared import clock
from shared.database import ALL_ROWS, Database, RowVisibility, Transaction, is_transient, unavailable
from shared.http import idempotency, uploads
from shared.http.access import OUT_OF_REACH, Access, CallerInfo
from shared.http.problems import NotText
from shared.problems import Forbidden, Invalid, Problem

MAX_STRANGERS_BODY = 64 * 1024
"""Bytes of a message that is read before anybody knows who sent it."""

_ESCAPED_NO_TEXT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""How JSON writes what may be no text: looked for first, since few bodies hold it."""
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


class Endpoint(APIRoute):
    """A route that knows its access rule. Refusals come in the order 401, 403, 422, 404, 409."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler with access, transaction, idempotency and ETag."""
        handle = super().get_route_handler()
        access: Access = self.endpoint.access  # type: ignore[attr-defined]  # no route without one: a missing `allow` fails at start

        async def run(request: Request) -> Response:
            caller: CallerInfo | None = getattr(request.state, "caller", None)
            database = request.state.database = _database_for(request, caller)
            access.check(caller, request.path_params, request.method)
            if "\x00" in request.scope["path"]:  # PostgreSQL's text holds everything but NUL
                raise Forbidden(OUT_OF_REACH) if access.guarded(caller) else Invalid("The path holds a character that is no text.")
            malformed = await _read_body(request, access, parse=self.body_field is not None)
            if b"%00" in request.scope["query_string"]:
                malformed = Invalid("The query holds a character that is no text.")
            key = request.headers.get("idempotency-key") if request.method == "POST" and access.idempotent else None
            try:
                async with AsyncExitStack() as stack:
                    if access.transaction:
                        request.state.tx = await stack.enter_async_context(database.begin())
                    await _admit(request, database, access, malformed)
                    if key is None:
                        answer = await handle(request)
                    elif access.transaction:
                        answer = await idempotency.within(request.state.tx, request, key, handle)
                    else:
                        answer = await idempotency.around(database, request, key, handle)
            except Problem:
                raise
            except Exception as error:
                # Nothing was committed, or the answer to the commit was lost: the client asks again, with the same key.
                if is_transient(error):
                    raise unavailable(error) from error
                raise
            finally:
                uploads.close(request)
            return _tagged(request, answer)

        return run


def _database_for(request: Request, caller: CallerInfo | None) -> Database:
    """Return the service's database with the rows that a caller may see: those of their schools, of their area, or all."""
    database: Database = request.app.state.database
    if not request.app.state.service.row_security:
        return database
    if caller is None or not caller.narrowed:  # without a caller it is a webhook, which brings a proof of its own
        return database.visible_to(ALL_ROWS)
    return database.visible_to(RowVisibility(caller.schools if caller.bound else None, caller.la_code, caller.role, clock.today()))


async def _admit(request: Request, database: Database, access: Access, malformed: Problem | None) -> None:
    """Raise what the route's access rule has against its caller, or else what is wrong with the body."""
    caller: CallerInfo | None = getattr(request.state, "caller", None)
    if caller and access.looks_at_database(caller):
        async with AsyncExitStack() as stack:
            tx = request.state.tx if access.transaction else await stack.enter_async_context(database.begin())
            await access.admit(tx, caller, request.path_params)
    if malformed:
        raise malformed


async def _read_body(request: Request, access: Access, *, parse: bool) -> Problem | None:
    """Read the body before a transaction is opened; return what is wrong with it, which is answered after access was checked."""
    if access.upload:
        await uploads.receive(request)
        return None
    # An endpoint that takes the raw body parses it itself, once (`parse` is false).
    if request.method in {"GET", "DELETE"} or not (await request.body()):
        return None
    try:
        text = (await request.body()).decode()  # JSON between systems is UTF-8 (RFC 8259 section 8.1); the parser alone would guess others
        if parse:
            await request.json()
        # Of a public route the proof comes first, which the endpoint checks itself.
        if not access.public and _ESCAPED_NO_TEXT.search(text) and not _is_text(await request.json()):
            return Invalid("The body holds a character that is no text.")
    except UnicodeDecodeError:
        request.state.not_text = True  # so that an endpoint's own parser is answered for alike
        return NotText() if parse else None
    except (ValueError, RecursionError):  # also an integer or a nesting beyond what the parser takes
        return Invalid("The body is not JSON.")
    return None


def _is_text(value: Any) -> bool:
    """Return whether all strings of a JSON value can be stored: none holds NUL or half of a character."""
    values = [value]
    while values:
        each = values.pop()
        if isinstance(each, str) and ("\x00" in each or _HALF_A_CHARACTER.search(each)):
            return False
        if isinstance(each, dict):
            values += [*each, *each.values()]
        elif isinstance(each, list):
            values += each
    return True


def _tagged(request: Request, answer: Response) -> Response:
    body = getattr(answer, "body", None)
    if request.method != "GET" or answer.status_code != 200 or not isinstance(body, bytes):
        return answer
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    sent = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if tag in sent or "*" in sent:
        return Response(status_code=304, headers={"ETag": tag})
    answer.headers["ETag"] = tag
    return answer


class Router(APIRouter):
    """A router whose routes all declare their access."""

    def __init__(self, *, prefix: str = "/v1", **more: Any) -> None:
        super().__init__(prefix=prefix, route_class=Endpoint, **more)


async def _tx(request: Request) -> Any:
    return request.state.tx


async def _database(request: Request) -> Any:
    return request.state.database


Tx = Annotated[Transaction, Depends(_tx)]
"""The request's one transaction."""
Db = Annotated[Database, Depends(_database)]
"""The database, for endpoints that open their own transactions."""


async def _stopping(request: Request) -> Any:
    return request.app.state.stopping


Stopping = Annotated[asyncio.Event, Depends(_stopping)]
"""Set when the process is asked to stop: a stream that goes on for long ends then."""
