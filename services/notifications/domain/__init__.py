"""Letters: their states, what must be printed on them, and when to ask the printer again."""

from services.notifications.domain.authorities import Authority, authority
from services.notifications.domain.leave import risk_of_absence
from services.notifications.domain.letters import NOTICE_KINDS, TRANSITIONS, Kind, Status, dispatched_at, outcome_of, sources, wait_seconds
from services.notifications.domain.particulars import Letter, Obstacle, Person, Pupil, School, compose

__all__ = [
    "NOTICE_KINDS", "TRANSITIONS", "Authority", "Kind", "Letter", "Obstacle", "Person", "Pupil", "School", "Status", "authority", "compose",
    "dispatched_at", "outcome_of", "risk_of_absence", "sources", "wait_seconds",
]  # fmt: skip
