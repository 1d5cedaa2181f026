"""Real parts for tests: a PostgreSQL, services over it, events in and out."""

from tests.support.databases import statements
from tests.support.services import ApiClient, bells, deliver, outbox, service_fixtures

__all__ = ["ApiClient", "bells", "deliver", "outbox", "service_fixtures", "statements"]
