"""The ways in over HTTP."""

from services.registers.api import codes, parents, pupils, registers, schools

ROUTERS = (schools.router, pupils.router, registers.router, parents.router, codes.router)
