"""Proposals that two records are of one child, for another authority to confirm or refuse."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.registers.tables.pupils import merger_proposals
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import columns_of, fetch_one, select_columns

Status = Literal["open", "confirmed", "refused"]

_LISTED = text("""
    SELECT proposal.id, own_upn, other_upn, proposal.la_code, reason, proposed_at, proposed_by, proposed_role, status, decided_at, decided_by,
           decided_role, decision_reason, merger_id
    FROM merger_proposals AS proposal
    WHERE status = :status AND (CAST(:la_code AS text) IS NULL OR (proposal.la_code = :la_code AND NOT :deciding) OR EXISTS (
          SELECT FROM upns JOIN pupils_at_schools AS here ON here.pupil_id IN (SELECT records_of(upns.pupil_id))
          JOIN schools AS school ON school.urn = here.urn
          WHERE upns.upn = proposal.other_upn AND here.claim IN ('accepted', 'confirmed') AND school.la_code = :la_code))
""").columns(**{column.name: column.type for column in merger_proposals.c})


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two UPNs that may be one child's: `own_upn` is within reach of who proposed it, the other one need not exist."""

    id: UUID
    own_upn: str
    other_upn: str
    la_code: str
    reason: str
    proposed_at: datetime
    proposed_by: str
    proposed_role: str
    status: Status = "open"
    decided_at: datetime | None = None
    decided_by: str | None = None
    decided_role: str | None = None
    decision_reason: str | None = None
    merger_id: UUID | None = None


_PROPOSAL = select_columns(merger_proposals, Proposal)


async def add(tx: Transaction, proposal: Proposal) -> Proposal:
    """Store a proposal, unless the same one is open; return the one that is."""
    await tx.execute(insert(merger_proposals).values(**columns_of(proposal)).on_conflict_do_nothing())
    same = (merger_proposals.c[name] == getattr(proposal, name) for name in ("own_upn", "other_upn", "la_code"))
    return await fetch_one(tx, _PROPOSAL.where(*same, merger_proposals.c.status == "open"), Proposal) or proposal


async def proposal(tx: Transaction, proposal_id: UUID, *, lock: bool = False) -> Proposal | None:
    """Return a proposal."""
    query = _PROPOSAL.where(merger_proposals.c.id == proposal_id)
    return await fetch_one(tx, query.with_for_update() if lock else query, Proposal)


async def proposal_page(tx: Transaction, status: Status, page: PageQuery, la_code: str | None, *, deciding: bool) -> Listed[Proposal]:
    """Return proposals with a status, the oldest first: those that an authority made or may decide (`deciding`: these alone), or all."""
    found = _LISTED.bindparams(status=status, la_code=la_code, deciding=deciding).subquery()
    return await fetch_page(tx, select(found), Proposal, Order((found.c.id,)), page)


async def store_decision(tx: Transaction, decided: Proposal) -> None:
    """Store that a proposal was decided."""
    await tx.execute(update(merger_proposals).where(merger_proposals.c.id == decided.id).values(**columns_of(decided)))
