"""Operations: let a service publish what it holds again, for readers who missed events."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from shared.http.access import allow
from shared.http.routing import Router, Tx
from shared.http.types import Urn
from shared.messaging.state import Extent, publish_piece

router = Router(tags=["operations"])


class StateAsked(BaseModel):
    """Which part of the state, and after which piece: what is left out narrows nothing. What has no day, such as a roll, is in every period."""

    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")
    school: Urn | None = None
    pupil_id: UUID | None = None
    after: Annotated[str, Field(max_length=200)] | None = Field(default=None, description="The `next` of the piece before")


class StatePublished(BaseModel):
    """How many events one piece of the state made, and of which kind it is; `next`: what to send as `after` for the following piece."""

    kind: str | None = None
    published: int
    next: str | None = None


@router.post("/state-publications", response_model_exclude_none=True)
@allow("operations", "service", everywhere=True)
async def publish_state(request: Request, tx: Tx, body: StateAsked) -> StatePublished:
    """Publish a piece of what the service holds again, with the versions it has: harmless to readers who have it, however often.

    To be repeated with `next` until there is none. 503 while too many events wait to be published: ask again.
    """
    extent = Extent(body.first, body.last, body.school, body.pupil_id)
    piece = await publish_piece(tx, request.app.state.service.state, extent, body.after)
    return StatePublished.model_validate(piece, from_attributes=True)
