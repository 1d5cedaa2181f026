"""Carry events from one service to another, lose some, and look whether a table changed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from sqlalchemy import text

from shared.contracts.event import Event
from shared.database import ALL_ROWS, Database, RowVisibility
from shared.http.app import create_app
from shared.http.state import StatePublished
from shared.messaging.contracts import contracts
from shared.service import Service
from tests.support import ApiClient, deliver

PLATFORM = {"inbox", "outbox", "consumer_offsets", "idempotency_keys"}
"""Tables that every event touches."""


class Outbox:
    """What a service has published since it was looked at last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._position = 0

    async def take(self) -> list[Event]:
        """Return the events since the last time."""
        asked = text("SELECT position, type, body FROM outbox WHERE position > :after ORDER BY position")
        async with self._database.begin() as tx:
            rows = (await tx.execute(asked, {"after": self._position})).all()
        self._position = rows[-1].position if rows else self._position
        return [contracts()[row.type].model_validate_json(row.body) for row in rows]


async def carry(events: Sequence[Event], database: Database, service: Service) -> None:
    """Deliver those of the events that a service consumes, one by one, as a worker does that sees all rows."""
    assert service.consumers
    for event in events:
        if type(event) in service.consumers.contracts:
            await deliver(database.visible_to(ALL_ROWS), service, event)


async def publish_state(api: ApiClient, **extent: Any) -> int:
    """Let a service publish its state again, piece by piece; return the number of events."""
    published, after = 0, None
    while True:
        body = {**extent} | ({"after": after} if after else {})
        answer = await api.as_("operations", name="Ann Operator").post("/v1/state-publications", body)
        assert answer.status_code == 200, answer.text
        piece = StatePublished.model_validate_json(answer.content)
        published, after = published + piece.published, piece.next
        if after is None:
            return published


async def content(database: Database, service: Service) -> dict[str, list[str]]:
    """Return every row of every table of a service's own, as JSON."""
    found = {}
    async with database.visible_to(ALL_ROWS).begin() as tx:
        for name in service.metadata.tables:
            if name not in PLATFORM:
                rows = (await tx.execute(text(f'SELECT to_jsonb(each)::text FROM "{name}" AS each ORDER BY 1'))).scalars()
                found[name] = list(rows)
    return found


def stamped(found: dict[str, list[str]], *columns: str) -> dict[str, list[str]]:
    """Return rows without those columns that hold as of which revision something is known."""
    import json

    return {
        name: sorted(json.dumps({key: value for key, value in json.loads(row).items() if key not in columns}) for row in rows)
        for name, rows in found.items()
    }


@asynccontextmanager
async def client_of(service: Service, database: Database) -> AsyncIterator[ApiClient]:
    """Give a client of a service's API over a database, without a token."""
    # As in production, where an API's connections see nothing under row security until a request has set whose it is.
    nothing = database.visible_to(RowVisibility(schools=frozenset()))
    transport = httpx2.ASGITransport(create_app(service, nothing), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://service") as http:
        yield ApiClient(http)
