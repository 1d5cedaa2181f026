"""One service asking another at the moment it needs to know; never inside a transaction."""

from typing import Any

import httpx2

from shared.http.tokens import service_token
from shared.messaging import trace
from shared.problems import NotFound, Problem, Unavailable
from shared.settings import settings


class UpstreamUnavailable(Problem):
    """A sister service refused to answer."""

    status = 502


class ServiceClient:
    """Asks one sister service, with the role `service`."""

    def __init__(self, service: str, *, seconds: float = 5) -> None:
        self._service = service
        self._seconds = seconds

    async def get(self, path: str, **query: Any) -> Any:
        """Return the JSON at a path. Raise NotFound where there is none, Unavailable while the service does not answer."""
        headers = {"Authorization": f"Bearer {service_token()}", **trace.stamp()}
        try:
            async with httpx2.AsyncClient(base_url=settings().service_url(self._service), timeout=self._seconds, trust_env=False) as client:
                answer = await client.get(path, params=query or None, headers=headers)
        except httpx2.TransportError as trouble:
            raise Unavailable(f"{self._service} does not answer.") from trouble
        if answer.status_code == 404:
            raise NotFound
        if answer.status_code >= 500:
            raise Unavailable(f"{self._service} is in trouble.")
        if answer.status_code >= 300:
            raise UpstreamUnavailable(f"{self._service} answered {answer.status_code}.")
        return answer.json()
