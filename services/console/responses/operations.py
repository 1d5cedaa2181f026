"""Dead letters, from every service."""

from datetime import datetime

from services.console.responses.values import ServiceResponse


class DeadLetter(ServiceResponse):
    """An event that failed for good, or waits behind one that did."""

    id: int
    consumer: str
    key: str
    topic: str
    type: str
    error: str | None = None
    attempts: int
    arrived_at: datetime
