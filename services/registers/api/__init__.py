"""The ways in over HTTP."""

from services.registers.api import (
    certificates,
    codes,
    flags,
    imports,
    leave,
    mergers,
    parents,
    policies,
    pupils,
    reasons,
    registers,
    roll,
    schools,
    statistics,
)

ROUTERS = (
    schools.router,
    pupils.router,
    registers.router,
    parents.router,
    codes.router,
    reasons.router,
    certificates.router,
    flags.router,
    statistics.router,
    imports.router,
    roll.router,
    policies.router,
    leave.router,
    mergers.router,
)

FAST_PATHS = registers.FAST_PATHS
