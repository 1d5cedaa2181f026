"""For the doctor: what the service holds of a fact that another service holds too."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel

from shared.comparisons import KeyRange
from shared.http.access import allow
from shared.http.routing import Db, Router
from shared.problems import NotFound

router = Router(tags=["operations"])


class NoSuchFact(NotFound):
    """This service holds no such fact."""


class HeldThing(BaseModel):
    """What is held of one thing: ids, dates, codes and states, nothing personal."""

    id: UUID
    lines: list[str]


class HeldFact(BaseModel):
    """Which facts the service can be asked for; of the one asked for, so many things; `next`: what to send as `after`, null at the end."""

    facts: list[str]
    items: list[HeldThing] = []
    next: UUID | None = None


@router.get("/comparisons")
@allow("operations", "service", everywhere=True, transaction=False)
async def read_held(
    request: Request,
    database: Db,
    fact: Annotated[str | None, Query(max_length=50, description="Without: only which there are")] = None,
    after: UUID | None = None,
    until: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> HeldFact:
    """What the service holds of a fact, in the order of ids: to be compared with what another service holds of it."""
    comparisons = request.app.state.service.comparisons
    if fact is None:
        return HeldFact(facts=sorted(comparisons))
    if fact not in comparisons:
        raise NoSuchFact
    held = await comparisons[fact](database, KeyRange(after or UUID(int=0), until, limit))
    items = [HeldThing(id=each.id, lines=list(each.lines)) for each in held]
    return HeldFact(facts=sorted(comparisons), items=items, next=items[-1].id if len(items) == limit else None)
