"""Matches of parents: proposed by the system, decided by an officer."""

from uuid import UUID

from services.registers.pupils.schemas.people import MatchDecision, MatchOut, MatchUndoing
from services.registers.pupils.use_cases import matches
from shared.http import Caller, Page, Paging, Router, Tx, allow
from shared.http.access import OFFICERS

router = Router(tags=["parents"])


@router.get("/parent-matches")
@allow(*OFFICERS)
async def list_open_matches(tx: Tx, caller: Caller, paging: Paging) -> Page[MatchOut]:
    """Parents who may be one person and await an officer's answer, the oldest first."""
    return Page[MatchOut].of(await matches.read_open_matches(tx, paging, caller.la_code), MatchOut.model_validate)


@router.post("/parent-matches/{match_id}")
@allow("aco", "manager", guard=matches.own_match)
async def decide_match(tx: Tx, caller: Caller, match_id: UUID, body: MatchDecision) -> MatchOut:
    """Decide whether the two are one person. If so, everything known of either is known of the older record from now on."""
    return MatchOut.model_validate(await matches.decide_match(tx, match_id, body.same, body.reason, caller))


@router.post("/parent-matches/{match_id}/undo")
@allow("aco", "manager", guard=matches.own_match)
async def undo_match(tx: Tx, caller: Caller, match_id: UUID, body: MatchUndoing) -> MatchOut:
    """Take an answer back, confirmed or refused: the match awaits an officer again, and what was decided is kept."""
    return MatchOut.model_validate(await matches.undo_match(tx, match_id, body.reason, caller))
