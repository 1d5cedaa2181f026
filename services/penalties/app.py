"""What the service is made of."""

from pathlib import Path

import services.penalties.advice.api
import services.penalties.decisions.api
import services.penalties.holds.api
import services.penalties.improvement.api
import services.penalties.liability.api
import services.penalties.money.api
import services.penalties.notices.api
import services.penalties.openings.api
import services.penalties.overview.api
import services.penalties.payments.api
import services.penalties.referrals.api
import services.penalties.reports.api
import services.penalties.support.api
from services.penalties.case_file.use_cases import matters
from services.penalties.consumers import consumers
from services.penalties.improvement.use_cases import periods
from services.penalties.invariants import INVARIANTS
from services.penalties.notices.use_cases import overdue
from services.penalties.payments.use_cases import provider, webhooks
from services.penalties.recovery import recovery
from services.penalties.state.use_cases.comparing import COMPARISONS
from services.penalties.state.use_cases.publishing import STATE
from services.penalties.tables import METADATA
from shared.service import Service

SERVICE = Service(
    name="penalties",
    title="Penalties",
    summary="Cases, Notices to Improve, penalty notices and their payment.",
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations",
    routers=[
        services.penalties.overview.api.router,
        services.penalties.reports.api.router,
        services.penalties.openings.api.router,
        services.penalties.liability.api.router,
        services.penalties.decisions.api.router,
        services.penalties.advice.api.router,
        services.penalties.referrals.api.router,
        services.penalties.holds.api.router,
        services.penalties.support.api.router,
        services.penalties.improvement.api.router,
        services.penalties.notices.api.router,
        services.penalties.payments.api.router,
        services.penalties.money.api.router,
    ],
    consumers=consumers,
    recovery=recovery,
    row_security=True,
    jobs={
        "matters": matters.judge_due_matters,
        "overdue": overdue.mark_overdue,
        "overdue too early": overdue.judge_overdue_again,
        "periods judged ahead": periods.judge_periods_again,
        "open-payments": provider.ask_about_open_payment,
        "payment-messages": webhooks.look_into_message,
    },
    invariants=INVARIANTS,
    state=STATE,
    comparisons=COMPARISONS,
)
