"""Other systems, asked over HTTP: one pool of connections each, made when the process starts; never inside a transaction."""

import ssl
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import httpx2
from pydantic import TypeAdapter, ValidationError

from shared.http.tokens import service_token
from shared.messaging import trace
from shared.problems import NotFound, Problem, Unavailable
from shared.settings import settings

T = TypeVar("T")

KEPT_SECONDS = 3
"""How long an unused connection is kept: less than the five seconds after which servers close theirs."""


class UpstreamUnavailable(Problem):
    """Another service refused to answer."""

    status = 502


class IncompleteResponse(Problem):
    """Another service responded without something that is needed."""

    status = 502


_adapters: dict[object, TypeAdapter[Any]] = {}
"""By the shape of a response: each takes milliseconds to make."""

_pools: list[httpx2.AsyncClient] = []
"""Those of every client of the process."""


@cache
def _certificates() -> ssl.SSLContext:
    return httpx2.create_ssl_context()  # takes fifty milliseconds: once, not in the middle of a request


def connection_pool(seconds: float, *, size: int = 100, proxies: bool = False) -> httpx2.AsyncClient:
    """Return a client whose connections are used again; a request fails after so many seconds. `proxies`: as the environment names them."""
    limits = httpx2.Limits(max_connections=size, max_keepalive_connections=20, keepalive_expiry=KEPT_SECONDS)
    return httpx2.AsyncClient(timeout=seconds, limits=limits, trust_env=proxies, verify=_certificates())


def adapter(shape: type[T]) -> TypeAdapter[T]:
    """Return what reads JSON of a shape; making one takes longer than using it."""
    return _adapters.get(shape) or _adapters.setdefault(shape, TypeAdapter(shape))


async def close_clients() -> None:
    """Close every client's connections, at the end of the process."""
    for pool in _pools:
        await pool.aclose()


class HttpClient:
    """Asks one other system. `name` begins the sentences about it, `address` is asked with every request."""

    def __init__(self, name: str, address: Callable[[], str], *, seconds: float, proxies: bool = True, retry_after: int = 5) -> None:
        self.name = name
        self._address = address
        self._retry_after = retry_after
        self._pool = connection_pool(seconds, proxies=proxies)
        _pools.append(self._pool)

    async def request(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Return the answer, whatever its status. Raise Unavailable where there is none."""
        try:
            return await self._pool.request(method, f"{self._address().rstrip('/')}{path}", **more)
        except httpx2.TransportError as error:
            raise self.unavailable("does not answer") from error

    def parse(self, response: httpx2.Response, shape: type[T]) -> T:
        """Return the JSON of a response as a value of `shape`. Raise IncompleteResponse where it is none."""
        try:
            return adapter(shape).validate_json(response.content)
        except ValidationError as error:
            fields = ", ".join(sorted({".".join(str(each) for each in found["loc"]) for found in error.errors()})) or "body"
            raise IncompleteResponse(f"{self.name} responded without a usable {fields}.") from None

    def unavailable(self, what: str) -> Unavailable:
        """Return a refusal: this system, and what it did or does not do."""
        return Unavailable(f"{self.name} {what}.", retry_after=self._retry_after)


class ServiceClient(HttpClient):
    """Asks another service of the product, with the role `service`."""

    def __init__(self, service: str, *, seconds: float = 5) -> None:
        super().__init__(service, lambda: settings().service_url(service), seconds=seconds, proxies=False)

    async def read(self, path: str, shape: type[T], **query: Any) -> T:
        """Return the JSON at a path as a value of `shape`.

        Raise NotFound where there is none, Unavailable while the service does not answer, IncompleteResponse where it is of another shape.
        """
        headers = {"Authorization": f"Bearer {service_token()}", **trace.headers()}
        answer = await self.request("GET", path, params=query or None, headers=headers)
        if answer.status_code == 404:
            raise NotFound
        if answer.status_code >= 500:
            raise self.unavailable("is in trouble")
        if answer.status_code >= 300:
            raise UpstreamUnavailable(f"{self.name} answered {answer.status_code}.")
        return self.parse(answer, shape)
