"""Two records of one child: put together, taken apart, and asked of another authority."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.registers.pupils.repository.merger_proposals import Status
from services.registers.pupils.schemas.same_child import MergerIn, MergerOut, MergerProposalOut, MergerUndoing, ProposalDecision
from services.registers.pupils.use_cases import merger_proposals, same_child
from shared.http import Caller, Page, Paging, Router, Tx, allow
from shared.http.access import OFFICERS

router = Router(tags=["pupils"])


@router.get("/pupil-mergers")
@allow(*OFFICERS)
async def list_mergers(tx: Tx, caller: Caller, paging: Paging) -> Page[MergerOut]:
    """Records that an officer put together as one child's, those that were undone too, the oldest first."""
    return Page[MergerOut].of(await same_child.read_mergers(tx, paging, caller.la_code), MergerOut.model_validate)


@router.post("/pupil-mergers", status_code=201)
@allow("aco", "manager")
async def merge_pupils(tx: Tx, caller: Caller, body: MergerIn) -> MergerOut | MergerProposalOut:
    """Put two records of one child together. Thresholds, cases, notices and files are judged together from then on; nothing recorded moves.

    Where one of the two is out of the reach of an officer's authority, existing or not, the other authority is asked: the answer is a proposal.
    """
    answer = await merger_proposals.merge_or_propose(tx, body.upns, body.reason, body.wrong_birth, caller)
    return MergerOut.model_validate(answer.merger) if answer.merger else MergerProposalOut.model_validate(answer.proposal)


@router.post("/pupil-mergers/{merger_id}/undo")
@allow("aco", "manager", guard=same_child.own_merger)
async def undo_merger(tx: Tx, caller: Caller, merger_id: UUID, body: MergerUndoing) -> MergerOut:
    """Separate two records that are of two children after all: each has again what was sent under it."""
    return MergerOut.model_validate(await same_child.undo(tx, merger_id, body.reason, caller))


@router.get("/merger-proposals")
@allow(*OFFICERS)
async def list_proposals(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    status: Annotated[Status, Query(description="Default: those that await an answer")] = "open",
    deciding: Annotated[bool, Query(description="Only those that the caller's authority may confirm")] = False,
) -> Page[MergerProposalOut]:
    """Proposals that two records are of one child, which an authority made or may decide, the oldest first."""
    found = await merger_proposals.read_proposals(tx, status, paging, caller, deciding=deciding)
    return Page[MergerProposalOut].of(found, MergerProposalOut.model_validate)


@router.get("/merger-proposals/{proposal_id}")
@allow(*OFFICERS, guard=merger_proposals.own_proposal)
async def read_proposal(tx: Tx, caller: Caller, proposal_id: UUID) -> MergerProposalOut:
    """A proposal that two records are of one child, and what became of it."""
    return MergerProposalOut.model_validate(await merger_proposals.read_proposal(tx, proposal_id, caller))


@router.post("/merger-proposals/{proposal_id}")
@allow("aco", "manager", guard=merger_proposals.own_proposal)
async def decide_proposal(tx: Tx, caller: Caller, proposal_id: UUID, body: ProposalDecision) -> MergerProposalOut:
    """Confirm or refuse that two records are of one child. Either authority may refuse; an officer who reaches the other record confirms."""
    decided = await merger_proposals.decide_proposal(tx, proposal_id, body.same, body.reason, body.wrong_birth, caller)
    return MergerProposalOut.model_validate(decided)
