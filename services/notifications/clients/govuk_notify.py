"""GOV.UK Notify: precompiled letters in, their fate out.

The key is `name-<service id>-<secret>`, each of the two a UUID; requests carry a JWT signed with the secret.
"""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import httpx2
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import AfterValidator

from shared import clock
from shared.http import HttpClient
from shared.problems import Problem
from shared.settings import settings

PROVIDER = HttpClient("The letter provider", lambda: settings().notify_base, seconds=30)

T = TypeVar("T")
Instant = Annotated[datetime, AfterValidator(lambda instant: instant if instant.tzinfo else instant.replace(tzinfo=UTC))]


class RefusedByProvider(Problem):
    """The letter provider does not accept this letter."""

    status = 502


@dataclass(frozen=True, slots=True)
class Notification:
    """A letter as the provider has it; what it read from the address window is left out."""

    id: str
    status: str
    sent_at: Instant | None = None
    completed_at: Instant | None = None

    def as_evidence(self) -> Mapping[str, object]:
        """Return the provider's response as evidence of posting."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Accepted:
    id: str


@dataclass(frozen=True, slots=True)
class _Found:
    notifications: list[Notification]


class Notify:
    """The provider, by the address and key of the settings. Every method raises Unavailable while it does not respond."""

    async def post(self, reference: str, pdf: bytes) -> str:
        """Hand over a letter for first-class post; return the provider's id. Raise RefusedByProvider."""
        body = {"reference": reference, "content": base64.b64encode(pdf).decode(), "postage": "first"}
        return (await self._ask("POST", "/v2/notifications/letter", _Accepted, body=body)).id

    async def find(self, reference: str) -> list[Notification]:
        """Return the letters that were handed over with this reference."""
        query = {"reference": reference, "template_type": "letter"}
        return (await self._ask("GET", "/v2/notifications", _Found, query=query)).notifications

    async def read(self, provider_id: str) -> Notification:
        """Return what has become of a letter."""
        return await self._ask("GET", f"/v2/notifications/{provider_id}", Notification)

    async def read_pdf(self, provider_id: str) -> bytes:
        """Return the file of a letter that was handed over."""
        return (await self._send("GET", f"/v2/notifications/{provider_id}/pdf")).content

    async def _ask(
        self, method: str, path: str, shape: type[T], *, body: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None
    ) -> T:
        return PROVIDER.parse(await self._send(method, path, body=body, query=query), shape)

    async def _send(
        self, method: str, path: str, *, body: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {_token()}"}
        response = await PROVIDER.request(method, path, headers=headers, json=body, params=query)
        if response.status_code in (400, 413):
            raise RefusedByProvider(f"The letter provider answered {response.status_code}.")
        if response.status_code >= 300:
            raise PROVIDER.unavailable(f"answered {response.status_code}")
        return response


def _token() -> str:
    key = settings().notify_api_key
    secret, service = key[-36:], key[-73:-37]
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, {"iss": service, "iat": int(clock.now().timestamp())}, OctKey.import_key(secret))
