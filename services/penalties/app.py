"""The service, put together."""

from pathlib import Path

from services.penalties.api import ROUTERS
from services.penalties.consumers import consumers
from services.penalties.tables import metadata
from services.penalties.use_cases import overdue, payments, webhooks
from shared.service import Service

SERVICE = Service(
    name="penalties",
    title="Penalties",
    summary="Cases, Notices to Improve, penalty notices and their payment.",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=ROUTERS,
    consumers=consumers,
    jobs={**overdue.JOBS, **payments.JOBS, **webhooks.JOBS},
)
