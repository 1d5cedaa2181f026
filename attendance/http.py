"""Asking a running product as other people's systems do."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

from shared.http import tokens
from shared.http.client import connection_pool
from shared.settings import settings

T = TypeVar("T")
TRIES = 30
"""Times that a busy product is asked, about a second apart."""


class Refused(Exception):  # noqa: N818 -- an answer
    """The product refused a request."""


class Product:
    """The services of a running product, each reached with a token of the role that asks."""

    def __init__(self) -> None:
        self._http = connection_pool(30, size=16)
        self._tokens: dict[tuple[str, tuple[int, ...], str | None], str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        await self._http.aclose()

    async def ask(
        self,
        method: str,
        service: str,
        path: str,
        body: Any = None,
        *,
        role: str = "manager",
        schools: Iterable[int] = (),
        name: str | None = None,
    ) -> Any:
        """Return the JSON answer; raise Refused with what the product said.

        Who is told that it is busy asks again, for up to a minute: a PUT as it was, a POST with the same key.
        """
        who = (role, tuple(schools), name)
        if who not in self._tokens:
            self._tokens[who] = tokens.issue(role, schools=who[1], name=name)
        headers = {"Authorization": f"Bearer {self._tokens[who]}"}
        if method == "POST":
            headers["Idempotency-Key"] = uuid4().hex
        for _ in range(TRIES):
            answer = await self._http.request(method, f"{settings().service_url(service)}{path}", json=body, headers=headers)
            if answer.status_code != 503:
                break
            await asyncio.sleep(min(float(answer.headers.get("Retry-After", "1")), 2))
        if answer.status_code >= 300:
            raise Refused(f"{method} {service}{path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    async def provider(self, path: str) -> None:
        """Tell the payment stand-in something."""
        (await self._http.post(f"{settings().pay_base}{path}")).raise_for_status()


async def eventually(what: str, look: Callable[[], Awaitable[T]], *, seconds: float = 60) -> T:
    """Return what `look` gives once it is truthy; raise Refused naming it if it never is."""
    end = asyncio.get_running_loop().time() + seconds
    while not (found := await look()):
        if asyncio.get_running_loop().time() > end:
            raise Refused(f"waited {seconds:.0f} s in vain: {what}")
        await asyncio.sleep(0.1)
    return found
