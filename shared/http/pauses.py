"""Operations: whether due work is paused, what of it is due, and a named operator's confirmation that it may go on."""

from datetime import datetime
from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, StringConstraints

from shared import pauses
from shared.database import ALL_ROWS, Transaction
from shared.due_work import DueWork
from shared.http.access import Caller, allow
from shared.http.routing import Router, Tx
from shared.pauses import Cause
from shared.service import Service

router = Router(tags=["operations"])

MOST_COUNTED = 1000
"""Keys of one job that are counted."""


class Due(BaseModel):
    """How much of one job is due by the date of this service's clock; at most 1,000 are counted."""

    job: str
    due: int


class DueWorkState(BaseModel):
    """Whether due work is paused, and what of it is due."""

    cause: Cause | None
    """`absence`: no worker was at work for more than 45 days. `clock`: a worker's clock has strayed."""
    paused_at: datetime | None
    worked_at: datetime | None
    """When a worker was at work last, by its own clock."""
    confirmed_by: str | None
    confirmed_at: datetime | None
    jobs: list[Due]


class Confirmation(BaseModel):
    """Why due work may go on."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]


@router.get("/due-work")
@allow("operations", "manager", everywhere=True)
async def show_due_work(tx: Tx, request: Request) -> DueWorkState:
    """Whether due work is paused and why, and how much of each job is due by this service's date."""
    stored = await pauses.read_pause(tx)
    return DueWorkState(
        cause=stored and stored.cause,
        paused_at=stored and stored.paused_at,
        worked_at=stored and stored.worked_at,
        confirmed_by=stored and stored.confirmed_by,
        confirmed_at=stored and stored.confirmed_at,
        jobs=await _due(tx, request.app.state.service),
    )


@router.post("/due-work/confirmation")
@allow("operations", everywhere=True)
async def confirm_due_work(tx: Tx, request: Request, caller: Caller, body: Confirmation) -> DueWorkState:
    """Let due work go on by a named person: the clock is right as it is, and what fell due is to be done."""
    service: Service = request.app.state.service
    await pauses.confirm(tx, caller.person(), body.reason, list(service.every_job))
    return await show_due_work(tx, request)


async def _due(tx: Transaction, service: Service) -> list[Due]:
    await ALL_ROWS.apply(tx)
    found = [(name, await job.find(tx, name, MOST_COUNTED)) for name, job in service.jobs.items() if isinstance(job, DueWork)]
    return [Due(job=name, due=len(keys)) for name, keys in found]
