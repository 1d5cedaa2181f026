"""Calls to a running product through its public API, as other people's systems make them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

from pydantic import JsonValue, TypeAdapter

from shared.http import tokens
from shared.http.client import connection_pool
from shared.settings import settings

T = TypeVar("T")
MAX_ATTEMPTS = 30
"""How often a busy product is called, about a second apart."""


class Refused(Exception):  # noqa: N818 -- an expected response, not a failure
    """The product refused a request."""


class Product:
    """The services of a running product, each called with a token of the role that acts."""

    def __init__(self) -> None:
        self._http = connection_pool(30, size=16)
        self._tokens: dict[tuple[str, tuple[int, ...], str | None], str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        await self._http.aclose()

    async def get(self, service: str, path: str, model: type[T], *, role: str = "manager") -> T:
        """Return a service's response at a path. Raise Refused."""
        return TypeAdapter(model).validate_json(await self.request("GET", service, path, role=role))

    async def request(
        self,
        method: str,
        service: str,
        path: str,
        body: Mapping[str, JsonValue] | None = None,
        *,
        role: str = "manager",
        schools: Iterable[int] = (),
        name: str | None = None,
    ) -> bytes:
        """Return the JSON of a response; raise Refused with the reason.

        While the product responds that it is busy, the request is repeated for up to a minute, a POST with the same key.
        """
        caller = (role, tuple(schools), name)
        if caller not in self._tokens:
            self._tokens[caller] = tokens.issue(role, schools=caller[1], name=name)
        headers = {"Authorization": f"Bearer {self._tokens[caller]}"}
        if method == "POST":
            headers["Idempotency-Key"] = uuid4().hex
        for _ in range(MAX_ATTEMPTS):
            response = await self._http.request(method, f"{settings().service_url(service)}{path}", json=body, headers=headers)
            if response.status_code != 503:
                break
            await asyncio.sleep(min(float(response.headers.get("Retry-After", "1")), 2))
        if response.status_code >= 300:
            raise Refused(f"{method} {service}{path}: {response.status_code} {response.text[:300]}")
        return response.content

    async def post_to_pay_stand_in(self, path: str) -> None:
        """Post to the stand-in for GOV.UK Pay, such as that a parent has paid."""
        (await self._http.post(f"{settings().pay_base}{path}")).raise_for_status()


async def eventually(what: str, find: Callable[[], Awaitable[T]], *, seconds: float = 60) -> T:
    """Return the result of `find` once it is truthy; raise Refused with `what` if it never is."""
    end = asyncio.get_running_loop().time() + seconds
    while not (found := await find()):
        if asyncio.get_running_loop().time() > end:
            raise Refused(f"waited {seconds:.0f} s in vain: {what}")
        await asyncio.sleep(0.1)
    return found
