"""Matches of parents: proposed by the system, decided by an officer."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.registers.pupils.repository.matches import Status
from services.registers.pupils.schemas.people import MatchDecision, MatchOut, MatchUndoing
from services.registers.pupils.use_cases import matches
from shared.http import Caller, Page, Paging, Router, Tx, allow
from shared.http.access import OFFICERS

router = Router(tags=["parents"])


@router.get("/parent-matches")
@allow(*OFFICERS)
async def list_matches(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    status: Annotated[Status, Query(description="Default: those that await an answer")] = "open",
    deciding: Annotated[bool, Query(description="Only those that the caller's authority has not confirmed")] = False,
) -> Page[MatchOut]:
    """Parents who may be one person, the oldest first."""
    return Page[MatchOut].of(await matches.read_matches(tx, status, paging, caller, deciding=deciding), MatchOut.model_validate)


@router.get("/parent-matches/{match_id}")
@allow(*OFFICERS, guard=matches.own_match)
async def read_match(tx: Tx, caller: Caller, match_id: UUID) -> MatchOut:
    """Two parents who may be one person, and what officers decided."""
    return MatchOut.model_validate(await matches.read_match(tx, match_id, caller))


@router.post("/parent-matches/{match_id}")
@allow("aco", "manager", guard=matches.own_match)
async def decide_match(tx: Tx, caller: Caller, match_id: UUID, body: MatchDecision) -> MatchOut:
    """Decide whether the two are one person. If so, everything known of either is known of the older record from now on.

    Where the caller reaches one of the two alone, the match stays open until an officer of an authority that reaches the other one confirms too.
    """
    return MatchOut.model_validate(await matches.decide_match(tx, match_id, body.same, body.reason, caller))


@router.post("/parent-matches/{match_id}/undo")
@allow("aco", "manager", guard=matches.own_match)
async def undo_match(tx: Tx, caller: Caller, match_id: UUID, body: MatchUndoing) -> MatchOut:
    """Take an answer back, confirmed or refused: the match awaits an officer again, and what was decided is kept."""
    return MatchOut.model_validate(await matches.undo_match(tx, match_id, body.reason, caller))
