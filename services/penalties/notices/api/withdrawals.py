"""Withdrawing a penalty notice."""

from uuid import UUID

from services.penalties.case_file.use_cases.access import may_reach_notice
from services.penalties.notices.schemas.withdrawals import WithdrawalIn, WithdrawalOut
from services.penalties.notices.use_cases import withdraw
from shared.http import Caller, Router, Tx, allow

router = Router(tags=["penalty notices"])


@router.post("/penalty-notices/{notice_id}/withdrawal")
@allow("aco", "manager", guard=may_reach_notice)
async def withdraw_notice(tx: Tx, caller: Caller, notice_id: UUID, body: WithdrawalIn) -> WithdrawalOut:
    """Withdraw a notice on one of the four grounds; what was paid is owed back in full."""
    return WithdrawalOut.model_validate(await withdraw.withdraw_notice(tx, caller, notice_id, body.ground, body.reason))
