"""Recording what makes somebody a parent, and taking it back."""

from uuid import UUID

from services.penalties.case_file.domain.roles import DECIDE
from services.penalties.case_file.use_cases.access import own_case
from services.penalties.liability import use_cases
from services.penalties.liability.schemas import LiabilityIn, LiabilityRecordOut, LiabilityWithdrawalIn
from shared.http import Caller, Router, Tx, allow

router = Router(tags=["cases"])


@router.post("/cases/{case_id}/liability", status_code=201)
@allow(*DECIDE, guard=own_case)
async def record_liability(tx: Tx, caller: Caller, case_id: UUID, body: LiabilityIn) -> LiabilityRecordOut:
    """Record what makes somebody a parent of the pupil, or that they allowed the absence, with what shows it. The last word holds.

    What makes them a parent holds in each of the child's cases, who allowed the absence in this one.
    """
    return LiabilityRecordOut.model_validate(await use_cases.record_alone(tx, caller, case_id, body.entry()))


@router.post("/cases/{case_id}/liability/withdrawals", status_code=201)
@allow(*DECIDE, guard=own_case)
async def withdraw_liability(tx: Tx, caller: Caller, case_id: UUID, body: LiabilityWithdrawalIn) -> LiabilityRecordOut:
    """Record that what was recorded of a parent is wrong. It stays to be read and holds no more; mother and father are parents all the same."""
    return LiabilityRecordOut.model_validate(await use_cases.withdraw_liability(tx, caller, case_id, body.parent_id, body.reason))
