"""The ways in over HTTP."""

from services.penalties.api import assessments, cases, improvement_notices, payments, penalty_notices, webhooks, withdrawals

ROUTERS = (
    cases.router,
    improvement_notices.router,
    assessments.router,
    penalty_notices.router,
    payments.router,
    withdrawals.router,
    webhooks.router,
)
