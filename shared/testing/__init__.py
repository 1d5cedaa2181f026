"""Real parts for tests: a PostgreSQL, services over it, events in and out."""

from shared.testing.services import ApiClient, deliver, outbox, service_fixtures

__all__ = ["ApiClient", "deliver", "outbox", "service_fixtures"]
