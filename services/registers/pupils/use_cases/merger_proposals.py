"""Two records of one child, one of them out of the officer's reach: the other authority is asked, and confirms or refuses.

Who proposes learns nothing of the other record, not even whether it exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from services.registers.pupils.domain.pupils import PersonalDetails
from services.registers.pupils.domain.same_child import Merger
from services.registers.pupils.repository import merger_proposals, pupils
from services.registers.pupils.repository.merger_proposals import Proposal, Status
from services.registers.pupils.use_cases.asserted_upns import end_assertion
from services.registers.pupils.use_cases.history import PupilNotFound
from services.registers.pupils.use_cases.same_child import WrongBirth, merge
from shared import clock
from shared.database import ALL_ROWS, Transaction, all_rows_visible
from shared.database.paging import Listed, PageQuery
from shared.database.rows import columns_of
from shared.http import CallerInfo, absent, id_in
from shared.ids import new_id
from shared.problems import Conflict, Forbidden, NotFound


class ProposalNotFound(NotFound):
    """There is no such proposal."""


class ProposalDecided(Conflict):
    """The proposal has been decided."""


@dataclass(frozen=True, slots=True)
class MergerAnswer:
    """The merger, or where a record is out of the officer's reach, the proposal that another authority decides."""

    merger: Merger | None = None
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class ShownProposal(Proposal):
    """A proposal, with the pupil of the authority that made it as they count; whoever decides it sees the other record's pupil too."""

    pupil: PersonalDetails | None = None
    other: PersonalDetails | None = None
    decides: bool = False
    """Whether the caller reaches the other record, and so may confirm."""


async def merge_or_propose(
    tx: Transaction, upns: tuple[str, str], reason: str, wrong_birth: WrongBirth | None, caller: CallerInfo
) -> MergerAnswer:
    """Let two records be of one child, as `same_child.merge` does; ask the other authority where one is out of the caller's reach.

    Raise Forbidden where both are.
    """
    who = caller.person()
    await ALL_ROWS.apply(tx)  # the two are of different schools
    within = [each for each in upns if await _reaches(tx, caller, each)]
    if not within:
        raise absent(caller, PupilNotFound)
    if len(within) == len(upns) or caller.la_code is None:
        return MergerAnswer(merger=await merge(tx, upns, reason, wrong_birth, caller))
    (other,) = (each for each in upns if each not in within)
    return MergerAnswer(proposal=await propose(tx, within[0], other, caller.la_code, reason, who, caller.role))


async def propose(tx: Transaction, own: str, other: str, la_code: str, reason: str, by: str, role: str) -> Proposal:
    """Store that two UPNs may be one child's, for another authority to decide; the same again is the same proposal."""
    return await merger_proposals.add(tx, Proposal(new_id(), own, other, la_code, reason, clock.now(), by, role))


async def read_proposals(tx: Transaction, status: Status, page: PageQuery, caller: CallerInfo, *, deciding: bool) -> Listed[ShownProposal]:
    """Return proposals with a status, the oldest first: those that an authority made or may decide (`deciding`: these alone), or all."""
    await ALL_ROWS.apply(tx)  # the other record may be of another area
    listed = await merger_proposals.proposal_page(tx, status, page, caller.la_code, deciding=deciding)
    return listed.with_rows([await _shown(tx, each, caller) for each in listed.rows])


async def read_proposal(tx: Transaction, proposal_id: UUID, caller: CallerInfo) -> ShownProposal:
    """Return a proposal; raise ProposalNotFound."""
    await ALL_ROWS.apply(tx)
    found = await merger_proposals.proposal(tx, proposal_id)
    if found is None:
        raise ProposalNotFound
    return await _shown(tx, found, caller)


async def decide_proposal(
    tx: Transaction, proposal_id: UUID, same: bool, reason: str, wrong_birth: WrongBirth | None, caller: CallerInfo
) -> ShownProposal:
    """Store a named officer's answer; if it is one child, the records are merged as `same_child.merge` does.

    If it is not, a UPN of the other child that is asserted for this one is that no longer.

    Either authority may refuse; to confirm takes an officer who reaches the other record. Raise ProposalNotFound or ProposalDecided.
    """
    who = caller.person()
    await ALL_ROWS.apply(tx)
    asked = await merger_proposals.proposal(tx, proposal_id)
    if asked is None:
        raise ProposalNotFound
    # Pupils before the proposal, as whoever proposes has the pupil locked.
    two = [row for each in (asked.own_upn, asked.other_upn) if (row := await pupils.pupil_by_upn(tx, each))]
    await pupils.lock(tx, {row.id for row in two})
    found = await merger_proposals.proposal(tx, proposal_id, lock=True)
    assert found is not None  # noqa: S101 -- found above, and never deleted
    if found.status != "open":
        raise ProposalDecided(f"It was {found.status}.")
    if same and not await _reaches(tx, caller, found.other_upn):
        raise Forbidden("The other authority confirms this.")
    merger = await merge(tx, (found.own_upn, found.other_upn), reason, wrong_birth, caller) if same else None
    decided = replace(
        found,
        status="confirmed" if same else "refused",
        decided_at=clock.now(),
        decided_by=who,
        decided_role=caller.role,
        decision_reason=reason,
        merger_id=merger.id if merger else None,
    )
    await merger_proposals.store_decision(tx, decided)
    own = None if same else await pupils.pupil_by_upn(tx, found.own_upn)
    if own is not None:
        await end_assertion(tx, own.id, found.other_upn, reason, caller)
    return await _shown(tx, decided, caller)


async def own_proposal(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether the caller's authority made a proposal, or reaches the other record."""
    proposal_id = id_in(path, "proposal_id")
    async with all_rows_visible(tx):
        found = await merger_proposals.proposal(tx, proposal_id) if proposal_id else None
        return found is not None and (found.la_code == caller.la_code or await _reaches(tx, caller, found.other_upn))


async def _reaches(tx: Transaction, caller: CallerInfo, upn: str) -> bool:
    """Return whether the caller reaches the pupil who has a UPN: one for whom it is asserted does not answer for the other."""
    if caller.la_code is None:
        return True
    found = await pupils.pupil_by_upn(tx, upn)
    return found is not None and await pupils.was_ever_in_area(tx, str(found.id), caller.la_code)


async def _shown(tx: Transaction, proposal: Proposal, caller: CallerInfo) -> ShownProposal:
    decides = await _reaches(tx, caller, proposal.other_upn)
    own = await pupils.pupil_by_upn(tx, proposal.own_upn)
    other = await pupils.pupil_by_upn(tx, proposal.other_upn) if decides else None
    return ShownProposal(
        **columns_of(proposal), pupil=own.details if own else None, other=other.details if other else None, decides=decides
    )
