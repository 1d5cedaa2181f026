"""The service, put together from its parts."""

from pathlib import Path

import services.penalties.case_file.consumers
import services.penalties.court_files.consumers
import services.penalties.decisions.api
import services.penalties.holds.api
import services.penalties.holds.consumers
import services.penalties.improvement.api
import services.penalties.improvement.consumers
import services.penalties.money.api
import services.penalties.notices.api
import services.penalties.notices.consumers
import services.penalties.overview.api
import services.penalties.payments.api
import services.penalties.projections.consumers
from services.penalties.notices.use_cases import overdue
from services.penalties.payments.use_cases import messages, provider
from services.penalties.tables import METADATA
from shared.messaging import EventHandlers
from shared.service import Service

ROUTERS = (
    services.penalties.overview.api.router,
    services.penalties.decisions.api.router,
    services.penalties.holds.api.router,
    services.penalties.improvement.api.router,
    services.penalties.notices.api.router,
    services.penalties.payments.api.router,
    services.penalties.money.api.router,
)
HANDLERS = EventHandlers.of_parts(
    "penalties",
    services.penalties.projections.consumers.handlers,
    services.penalties.case_file.consumers.handlers,
    services.penalties.holds.consumers.handlers,
    services.penalties.improvement.consumers.handlers,
    services.penalties.notices.consumers.handlers,
    services.penalties.court_files.consumers.handlers,
)

SERVICE = Service(
    name="penalties",
    title="Penalties",
    summary="Cases, Notices to Improve, penalty notices and their payment.",
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations",
    routers=ROUTERS,
    consumers=HANDLERS,
    jobs={**overdue.JOBS, **provider.JOBS, **messages.JOBS},
)
