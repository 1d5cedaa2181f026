"""GOV.UK Notify: precompiled letters in, their fate out.

The key is `name-<service id>-<secret>`, each of the two a UUID; requests carry a JWT signed with the secret.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

from shared import clock
from shared.http import HttpClient
from shared.problems import Problem
from shared.settings import settings

PROVIDER = HttpClient("The letter provider", lambda: settings().notify_base, seconds=30)


class RefusedByProvider(Problem):
    """The letter provider does not accept this letter."""

    status = 502


@dataclass(frozen=True, slots=True)
class Notification:
    """A letter as the provider knows it; `said` is its answer, less what it read from the address window."""

    id: str
    status: str
    sent_at: datetime | None
    completed_at: datetime | None

    def said(self) -> dict[str, Any]:
        """Return what the provider said, as evidence."""
        return {"id": self.id, "status": self.status, "sent_at": self.sent_at, "completed_at": self.completed_at}


class Notify:
    """The provider, by the address and key of the settings."""

    async def post(self, reference: str, pdf: bytes) -> str:
        """Hand over a letter for first-class post; return the provider's id. Raise RefusedByProvider or Unavailable."""
        body = {"reference": reference, "content": base64.b64encode(pdf).decode(), "postage": "first"}
        return str((await self._ask("POST", "/v2/notifications/letter", json=body))["id"])

    async def find(self, reference: str) -> list[Notification]:
        """Return the letters that were handed over with this reference."""
        answer = await self._ask("GET", "/v2/notifications", params={"reference": reference, "template_type": "letter"})
        return [_notification(each) for each in answer["notifications"]]

    async def read(self, provider_id: str) -> Notification:
        """Return what has become of a letter."""
        return _notification(await self._ask("GET", f"/v2/notifications/{provider_id}"))

    async def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {_token()}"}
        answer = await PROVIDER.request(method, path, headers=headers, **more)
        if answer.status_code in (400, 413):
            raise RefusedByProvider(f"The letter provider answered {answer.status_code}.")
        if answer.status_code >= 300:
            raise PROVIDER.unavailable(f"answered {answer.status_code}")
        body: dict[str, Any] = answer.json()
        return body


def _token() -> str:
    key = settings().notify_api_key
    secret, service = key[-36:], key[-73:-37]
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, {"iss": service, "iat": int(clock.now().timestamp())}, OctKey.import_key(secret))


def _notification(answer: dict[str, Any]) -> Notification:
    return Notification(answer["id"], answer["status"], _instant(answer.get("sent_at")), _instant(answer.get("completed_at")))


def _instant(said: str | None) -> datetime | None:
    if not said:
        return None
    instant = datetime.fromisoformat(said)
    return instant if instant.tzinfo else instant.replace(tzinfo=clock.now().tzinfo)
