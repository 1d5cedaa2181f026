"""Letters: their states, what must be printed on them, and when to ask the printer again."""

from services.notifications.domain.authorities import Authority, authority
from services.notifications.domain.letters import (
    NOTICE_KINDS,
    TRANSITIONS,
    Kind,
    Status,
    dispatched_at,
    next_poll_seconds,
    outcome_of,
    sources,
)
from services.notifications.domain.particulars import Letter, Obstacle, Person, Pupil, School, compose

__all__ = [
    "NOTICE_KINDS", "TRANSITIONS", "Authority", "Kind", "Letter", "Obstacle", "Person", "Pupil", "School", "Status", "authority", "compose", "dispatched_at",
    "next_poll_seconds", "outcome_of", "sources",
]  # fmt: skip
