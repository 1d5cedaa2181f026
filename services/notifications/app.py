"""What the service is made of."""

from pathlib import Path

from services.notifications import use_cases
from services.notifications.api import router
from services.notifications.consumers import consumers
from services.notifications.tables import metadata
from shared.service import Service

SERVICE = Service(
    name="notifications",
    title="Notifications",
    summary="Letters as they were sent, and the proof that they were served",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=[router],
    consumers=consumers,
    jobs={
        "letters to make": use_cases.make_letters,
        "letters to post": use_cases.post_letters,
        "letters to follow": use_cases.follow_letters,
    },
)
