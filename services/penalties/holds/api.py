"""Clearing what was stopped."""

from uuid import UUID

from services.penalties.case_file.domain.roles import CLEAR
from services.penalties.case_file.use_cases.access import own_case
from services.penalties.holds import use_cases
from services.penalties.holds.schemas import ClearanceIn, ClearanceOut
from shared.http import Caller, Router, Tx, allow

router = Router(tags=["cases"])


@router.post("/cases/{case_id}/clearances")
@allow(*CLEAR, guard=own_case)
async def clear(tx: Tx, caller: Caller, case_id: UUID, body: ClearanceIn) -> ClearanceOut:
    """Let a notice go on that a changed mark or a returned letter has stopped; with the case's own id, every notice of the case."""
    return ClearanceOut.model_validate(await use_cases.clear(tx, caller, case_id, about=body.about, reason=body.reason))
