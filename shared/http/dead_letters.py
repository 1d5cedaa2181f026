"""Operations: what failed, replayed or dismissed by a named operator."""

from contextlib import suppress
from typing import Annotated

from fastapi import Path, Query, Request
from pydantic import BaseModel, StringConstraints

from shared import due_work
from shared.database import ALL_ROWS, Database
from shared.database.limits import JOB
from shared.http.access import Caller, CallerInfo, allow
from shared.http.paging import Page, Paging
from shared.http.routing import Db, Router, Tx
from shared.messaging import dead_letters, set_aside
from shared.messaging.backlog import Backlog, read_backlog
from shared.messaging.dead_letters import DeadLetter, DeadLetterResolved, NotFirstOfItsKey, ReplayFailed
from shared.problems import Conflict
from shared.service import Service

router = Router(tags=["operations"])

LetterId = Annotated[int, Path(ge=1, le=2**62)]


class Dismissal(BaseModel):
    """Why an event is given up."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]


class NoSuchJob(Conflict):
    """There is no such job any more."""


class Replayed(BaseModel):
    """How many events were handled; `next`: the one of the same key that failed after them, or after the dismissal, and waits now."""

    replayed: int
    next: int | None = None


@router.get("/dead-letters")
@allow("operations", "manager", everywhere=True)
async def list_dead_letters(tx: Tx, paging: Paging, resolved: Annotated[bool, Query()] = False) -> Page[DeadLetter]:
    """What failed and what waits behind it, in order of arrival."""
    return Page[DeadLetter].of(await dead_letters.listing(tx, paging, resolved=resolved), lambda letter: letter)


@router.get("/backlog")
@allow("operations", "manager", everywhere=True)
async def show_backlog(tx: Tx) -> Backlog:
    """How much waits: events to be published, dead letters, and due work that is parked or tried again; and since when."""
    return await read_backlog(tx)


@router.post("/dead-letters/{letter_id}/replay", response_model_exclude_none=True)
@allow("operations", everywhere=True, transaction=False)
async def replay_dead_letter(request: Request, database: Db, caller: Caller, letter_id: LetterId) -> Replayed:
    """Handle a dead letter again, and then what waits behind it, in order; or do due work that was parked."""
    replayed = await _replay(request, database, caller, letter_id)
    async with database.begin() as tx:
        return Replayed(replayed=replayed, next=await dead_letters.next_of_same_key(tx, letter_id))


@router.post("/dead-letters/{letter_id}/dismissal", response_model_exclude_none=True)
@allow("operations", everywhere=True, transaction=False)
async def dismiss_dead_letter(request: Request, database: Db, caller: Caller, letter_id: LetterId, body: Dismissal) -> Replayed:
    """Give a dead letter up, for a reason, and go on with what waited behind it: `next` is the event that failed then.

    What would wait for ever for what was given up is shown as given up, by whom and why.
    """
    service: Service = request.app.state.service
    async with database.visible_to(ALL_ROWS).begin() as tx:
        letter = await dead_letters.find(tx, letter_id)
        await dead_letters.dismiss(tx, letter_id, caller.person(), body.reason)
        why = f"{caller.person()} gave it up: {body.reason}"
        if letter.topic == due_work.TOPIC:
            await due_work.dismiss(tx, service.every_job.get(letter.type), letter.key, why)
        elif service.consumers is not None:
            await dead_letters.give_up(tx, letter_id, service.consumers.dismissed, why)
        waiting = await dead_letters.next_of_same_key(tx, letter_id)
    replayed = 0
    if waiting is not None:
        with suppress(ReplayFailed, DeadLetterResolved, NotFirstOfItsKey):  # the dismissal stands; somebody else may have gone on
            replayed = await _replay(request, database, caller, waiting)
    async with database.begin() as tx:
        return Replayed(replayed=replayed, next=await dead_letters.next_of_same_key(tx, letter_id))


async def _replay(request: Request, database: Database, caller: CallerInfo, letter_id: int) -> int:
    """Do again what failed, with the limits of the worker in which it failed: what takes a job's time has it here too."""
    service: Service = request.app.state.service
    database = database.with_limits(JOB)
    async with database.begin() as tx:
        letter = await dead_letters.find(tx, letter_id)
    if letter.topic == due_work.TOPIC:
        if (job := service.every_job.get(letter.type)) is None:
            raise NoSuchJob(f"This version has no job {letter.type}: dismiss it.")
        await due_work.replay(database, job, letter_id, caller.person())
        return 1
    if letter.consumer == set_aside.RELAY:
        return await set_aside.replay(database, letter_id, caller.person())
    if service.consumers is None:
        raise Conflict("This service consumes nothing.")
    return await dead_letters.replay(database, service.consumers.handle, letter_id, caller.person())
