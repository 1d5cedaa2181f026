"""What the service is made of."""

from pathlib import Path

from services.notifications.api import router
from services.notifications.consumers import consumers
from services.notifications.invariants import INVARIANTS
from services.notifications.recovery import recovery
from services.notifications.tables import METADATA
from services.notifications.use_cases.letters import dates, make, post
from services.notifications.use_cases.state import COMPARISONS, STATE
from shared.service import Service

SERVICE = Service(
    name="notifications",
    title="Notifications",
    summary="Letters as they were sent, and the proof that they were served",
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations",
    routers=[router],
    consumers=consumers,
    recovery=recovery,
    jobs={
        "letters to make": make.make_letters,
        "letters to post": post.post_letters,
        "letters to follow": post.follow_letters,
        "letters dated ahead": dates.correct_dates,
    },
    invariants=INVARIANTS,
    state=STATE,
    comparisons=COMPARISONS,
)
