"""Asking the services, with the token of the person who is signed in."""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import IO, Literal, TypeVar
from uuid import UUID

import httpx2
import structlog
from fastapi import Response
from fastapi.responses import StreamingResponse
from pydantic import JsonValue, ValidationError

from services.console.responses.problems import ProblemResponse
from shared.failures import describe
from shared.http.client import adapter
from shared.http.uploads import sent_as
from shared.messaging import trace
from shared.settings import Settings

T = TypeVar("T")
QueryValue = str | int | UUID | Sequence[UUID] | None
"""A value of an address; each of several is sent under the same name."""
Upload = tuple[str, IO[bytes] | bytes, str]
"""A file of a multipart form: its name, its content, its media type."""
log = structlog.get_logger()

SECONDS = 8
"""A service may itself wait five seconds for another one."""
REPLAY_SECONDS = 120
"""What failed in a worker is done again with a worker's limits."""
UPLOAD_SECONDS = 120
"""A file of half a gigabyte is stored before the service answers."""
PURPOSE = {
    "registers": "registers and pupils",
    "thresholds": "attendance thresholds",
    "penalties": "cases and notices",
    "prosecutions": "court files",
    "notifications": "letters",
}
"""What each service is for, in the words of its users."""


class ServiceDown(Exception):  # noqa: N818 -- named for what the page shows
    """A service does not respond, or its response does not match its contract; `busy` where it has only too much to do."""

    def __init__(self, service: str, *, busy: bool = False) -> None:
        super().__init__(service)
        self.service = service
        self.status = 503 if busy else 502


class Refused(Exception):  # noqa: N818 -- an expected response, not a failure
    """A service refused a request; `problem` holds its reasons (RFC 9457)."""

    def __init__(self, service: str, status: int, problem: ProblemResponse) -> None:
        super().__init__(service, status)
        self.service = service
        self.status = status
        self.title = problem.title or "The service refused this"
        self.detail = problem.detail or ""
        self.problem = problem


class Services:
    """The five services, called with the token of one person."""

    def __init__(self, http: httpx2.AsyncClient, settings: Settings, token: str) -> None:
        self._http = http
        self._settings = settings
        self._token = token
        self.down: set[str] = set()
        """Services that did not respond to an `optional` request."""
        self.forbidden: set[str] = set()
        """Services that responded to an `optional` request with 403."""

    async def get(self, service: str, path: str, model: type[T], **query: QueryValue) -> T:
        """Return a service's response at a path. Raise ServiceDown or Refused."""
        return _parse(service, await self._send(service, "GET", path, params=_params(query)), model)

    async def post(self, service: str, path: str, body: Mapping[str, JsonValue], key: str | None = None) -> None:
        """Post a JSON body to a service, with an Idempotency-Key if one is given. Raise ServiceDown or Refused."""
        await self._send(service, "POST", path, json=body, key=key)

    async def post_and_read(
        self,
        service: str,
        path: str,
        body: Mapping[str, JsonValue],
        model: type[T],
        seconds: int = SECONDS,
        key: str | None = None,
    ) -> T:
        """Post a JSON body to a service, with an Idempotency-Key if one is given, and return its response. Raise ServiceDown or Refused."""
        return _parse(service, await self._send(service, "POST", path, json=body, key=key, seconds=seconds), model)

    async def upload(
        self, service: str, path: str, files: Mapping[str, Upload], model: type[T], key: str | None = None, **query: QueryValue
    ) -> T:
        """Stream files to a service and return its response. Raise ServiceDown or Refused."""
        response = await self._send(service, "POST", path, params=_params(query), files=files, key=key, seconds=UPLOAD_SECONDS)
        return _parse(service, response, model)

    async def optional(self, request: Awaitable[T]) -> T | None:
        """Return the response, or None where the service is down or refuses; `down` and `forbidden` record which."""
        try:
            return await request
        except ServiceDown as error:
            self.down.add(error.service)
        except Refused as refusal:
            if refusal.status == 403:
                self.forbidden.add(refusal.service)
        return None

    async def document(
        self,
        service: str,
        path: str,
        filename: str,
        media_type: str = "application/pdf",
        disposition: Literal["attachment", "inline"] = "inline",
        **query: QueryValue,
    ) -> Response:
        """Return a streaming response that passes a service's file through in chunks."""
        response = await self._send(service, "GET", path, params=_params(query), stream=True)

        async def chunks() -> AsyncIterator[bytes]:
            try:
                async for chunk in response.aiter_bytes():
                    yield chunk
            finally:
                await response.aclose()

        return StreamingResponse(chunks(), media_type=media_type, headers=sent_as(filename, disposition))

    async def ready(self, service: str) -> bool:
        """Return whether a service reports that it is ready."""
        try:
            return (await self._http.get(f"{self._settings.service_url(service)}/health/ready")).status_code == 200
        except httpx2.HTTPError:
            return False

    async def why_not_ready(self, service: str) -> str | None:
        """Return why a service that answers is not ready, in its own words; None where it is ready, gives no reason or does not answer."""
        try:
            answer = await self._http.get(f"{self._settings.service_url(service)}/health/ready")
            return None if answer.status_code == 200 else ProblemResponse.model_validate_json(answer.content).detail
        except (httpx2.HTTPError, ValidationError):
            return None

    async def _send(
        self,
        service: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | list[str]] | None = None,
        json: Mapping[str, JsonValue] | None = None,
        files: Mapping[str, Upload] | None = None,
        key: str | None = None,
        seconds: int = SECONDS,
        stream: bool = False,
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self._token}", **trace.headers(), **({"Idempotency-Key": key} if key else {})}
        url = f"{self._settings.service_url(service)}{path}"
        request = self._http.build_request(method, url, params=params, json=json, files=files, headers=headers, timeout=seconds)
        try:
            response = await self._http.send(request, stream=stream)
            if response.status_code >= 300:
                await response.aread()
                await response.aclose()
        except httpx2.HTTPError as error:
            raise ServiceDown(service, busy=isinstance(error, httpx2.TimeoutException)) from error
        if response.status_code >= 500:
            raise ServiceDown(service, busy="retry-after" in response.headers)
        if response.status_code >= 300:
            raise Refused(service, response.status_code, _problem(response))
        return response


def _params(query: Mapping[str, QueryValue]) -> dict[str, str | list[str]]:
    """Return the query of an address, without values that are empty."""
    return {
        name: str(value) if isinstance(value, str | int | UUID) else [str(each) for each in value] for name, value in query.items() if value
    }


def _parse(service: str, response: httpx2.Response, model: type[T]) -> T:
    try:
        return adapter(model).validate_json(response.content)
    except ValidationError as error:
        log.warning("response does not match its model", answered_by=service, error=describe(error))
        raise ServiceDown(service) from error


def _problem(response: httpx2.Response) -> ProblemResponse:
    try:
        return ProblemResponse.model_validate_json(response.content)
    except ValidationError:
        return ProblemResponse()
