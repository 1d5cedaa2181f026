"""Asking the services, with the token of the person who is signed in."""

from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar

import httpx2
import structlog
from fastapi import Response
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter, ValidationError

from shared.failures import describe
from shared.messaging import trace
from shared.settings import Settings

T = TypeVar("T")
log = structlog.get_logger()

SECONDS = 8
"""A service may itself wait five seconds for a sister."""
UPLOAD_SECONDS = 120
"""A file of half a gigabyte is stored before the service answers."""
PURPOSE = {
    "registers": "registers and pupils",
    "thresholds": "attendance thresholds",
    "penalties": "cases and notices",
    "prosecutions": "court files",
    "notifications": "letters",
}
"""Each service and what people know it for."""


class ServiceDown(Exception):  # noqa: N818 -- the pages say it in words
    """A service does not answer, or not with what it promised."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class Refused(Exception):  # noqa: N818 -- an answer, not an error
    """A service refused, and says why (RFC 9457)."""

    def __init__(self, service: str, status: int, problem: dict[str, Any]) -> None:
        super().__init__(service, status)
        self.service = service
        self.status = status
        self.title = str(problem.get("title") or "The service refused this")
        self.detail = str(problem.get("detail") or "")
        self.problem = problem


class Services:
    """The five services as one person may use them."""

    def __init__(self, http: httpx2.AsyncClient, settings: Settings, token: str) -> None:
        self._http = http
        self._settings = settings
        self._token = token
        self.down: set[str] = set()
        """Services that did not answer `tried`."""
        self.forbidden: set[str] = set()
        """Services that told this person, through `tried`, that it is not for them."""

    async def get(self, service: str, path: str, shape: type[T], **query: Any) -> T:
        """Return what a service says at a path. Raise ServiceDown or Refused."""
        asked = {name: str(value) for name, value in query.items() if value is not None}
        return _read(service, await self._send(service, self._request(service, "GET", path, params=asked)), shape)

    async def post(self, service: str, path: str, body: dict[str, Any], key: str | None = None) -> Any:
        """Send something to a service and return its answer. Raise ServiceDown or Refused."""
        headers = {"Idempotency-Key": key} if key else {}
        return (await self._send(service, self._request(service, "POST", path, json=body, headers=headers))).json()

    async def tried(self, asking: Awaitable[T]) -> T | None:
        """Return the answer, or nothing where the service is down or refuses; which one it was is noted."""
        try:
            return await asking
        except ServiceDown as trouble:
            self.down.add(trouble.service)
        except Refused as refusal:
            if refusal.status == 403:
                self.forbidden.add(refusal.service)
        return None

    async def upload(self, service: str, path: str, files: dict[str, Any], key: str | None = None, **query: Any) -> Any:
        """Send a file, piece by piece, and return the answer. Raise ServiceDown or Refused."""
        asked = {name: str(value) for name, value in query.items() if value}
        headers = {"Idempotency-Key": key} if key else {}
        request = self._request(service, "POST", path, params=asked, files=files, headers=headers, timeout=UPLOAD_SECONDS)
        return (await self._send(service, request)).json()

    async def document(
        self, service: str, path: str, filename: str, media_type: str = "application/pdf", disposition: str = "inline"
    ) -> Response:
        """Hand a file through as it comes."""
        answer = await self._send(service, self._request(service, "GET", path), stream=True)

        async def pieces() -> AsyncIterator[bytes]:
            try:
                async for piece in answer.aiter_bytes():
                    yield piece
            finally:
                await answer.aclose()

        return StreamingResponse(pieces(), media_type=media_type, headers={"Content-Disposition": f'{disposition}; filename="{filename}"'})

    async def ready(self, service: str) -> bool:
        """Tell whether a service says that it is ready."""
        try:
            return (await self._http.get(f"{self._settings.service_url(service)}/health/ready")).status_code == 200
        except httpx2.HTTPError:
            return False

    def _request(self, service: str, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> httpx2.Request:
        sent = {"Authorization": f"Bearer {self._token}", **trace.stamp(), **(headers or {})}
        return self._http.build_request(method, f"{self._settings.service_url(service)}{path}", headers=sent, **more)

    async def _send(self, service: str, request: httpx2.Request, *, stream: bool = False) -> httpx2.Response:
        try:
            answer = await self._http.send(request, stream=stream)
            if answer.status_code >= 300:
                await answer.aread()
                await answer.aclose()
        except httpx2.HTTPError as trouble:
            raise ServiceDown(service) from trouble
        if answer.status_code >= 500:
            raise ServiceDown(service)
        if answer.status_code >= 300:
            raise Refused(service, answer.status_code, _problem(answer))
        return answer


def _read(service: str, answer: httpx2.Response, shape: type[T]) -> T:
    try:
        return TypeAdapter(shape).validate_json(answer.content)
    except ValidationError as trouble:
        log.warning("answer not understood", answered_by=service, trouble=describe(trouble))
        raise ServiceDown(service) from trouble


def _problem(answer: httpx2.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
