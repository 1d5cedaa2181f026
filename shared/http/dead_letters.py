"""Operations: what failed, replayed or dismissed by a named operator."""

from typing import Annotated, Any

from fastapi import Path, Query, Request
from pydantic import BaseModel, StringConstraints

from shared.http.access import Caller, allow
from shared.http.paging import Page, Paging
from shared.http.routing import Db, Router, Tx
from shared.messaging import dead_letters
from shared.messaging.dead_letters import DeadLetter
from shared.problems import Conflict
from shared.service import Service

router = Router(tags=["operations"])

LetterId = Annotated[int, Path(ge=1, le=2**62)]


class Dismissal(BaseModel):
    """Why an event is given up."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]


class Replayed(BaseModel):
    """How many events were handled."""

    replayed: int


@router.get("/dead-letters")
@allow("operations", "manager", everywhere=True)
async def list_dead_letters(tx: Tx, paging: Paging, resolved: Annotated[bool, Query()] = False) -> Page[DeadLetter]:
    """What failed and what waits behind it, in order of arrival."""
    return Page[DeadLetter].of(await dead_letters.listing(tx, paging, resolved=resolved), lambda letter: letter)


@router.post("/dead-letters/{letter_id}/replay")
@allow("operations", everywhere=True, transaction=False)
async def replay_dead_letter(request: Request, database: Db, caller: Caller, letter_id: LetterId) -> Replayed:
    """Handle a dead letter again, and then what waits behind it, in order."""
    return Replayed(replayed=await dead_letters.replay(database, _handle(request), letter_id, caller.person()))


@router.post("/dead-letters/{letter_id}/dismissal")
@allow("operations", everywhere=True, transaction=False)
async def dismiss_dead_letter(request: Request, database: Db, caller: Caller, letter_id: LetterId, body: Dismissal) -> Replayed:
    """Give a dead letter up, for a reason, and go on with what waited behind it."""
    async with database.begin() as tx:
        await dead_letters.dismiss(tx, letter_id, caller.person(), body.reason)
        waiting = await dead_letters.next_of_same_key(tx, letter_id)
    if waiting is None:
        return Replayed(replayed=0)
    return Replayed(replayed=await dead_letters.replay(database, _handle(request), waiting, caller.person()))


def _handle(request: Request) -> Any:
    service: Service = request.app.state.service
    return service.consumers.handle if service.consumers else _consume_nothing


async def _consume_nothing(*_: object) -> None:
    raise Conflict("This service consumes nothing.")
