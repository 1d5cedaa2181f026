"""What waits or failed, as every service says it."""

from datetime import datetime

from services.console.answers.parts import Answer


class DeadLetter(Answer):
    """An event that failed for good, or waits behind one that did."""

    id: int
    consumer: str
    topic: str
    type: str
    error: str | None = None
    attempts: int
    arrived_at: datetime
