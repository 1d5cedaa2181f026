"""The form of referral, and the thread of referrals of a case."""

from uuid import UUID

from services.penalties.case_file.domain.roles import DECIDE, READ
from services.penalties.case_file.use_cases.access import own_case
from services.penalties.referrals import use_cases
from services.penalties.referrals.schemas import ReferralFormOut, ReferralIn, ReferralOut, ThreadOut
from shared.http import Caller, Router, Tx, allow

router = Router(tags=["referrals"])


@router.get("/cases/{case_id}/referral-form")
@allow(*DECIDE, guard=own_case)
async def read_form(tx: Tx, case_id: UUID) -> ReferralFormOut:
    """The form of the next referral, filled in from the register, the support log and the referral before."""
    return ReferralFormOut.model_validate(await use_cases.fill_in(tx, case_id))


@router.post("/cases/{case_id}/referrals", status_code=201)
@allow(*DECIDE, guard=own_case)
async def refer(tx: Tx, caller: Caller, case_id: UUID, body: ReferralIn) -> ReferralOut:
    """Refer a request to the authority, by name. It may be incomplete, with a reason for each item that is missing; sent again, it goes on the thread.

    It does not take the place of the decision that asks: that comes first.
    """
    return ReferralOut.of(await use_cases.refer(tx, caller, case_id, body.content()))


@router.get("/cases/{case_id}/referrals")
@allow(*READ, guard=own_case)
async def read_thread(tx: Tx, case_id: UUID) -> ThreadOut:
    """The referrals of a case, oldest first, each with what it changed and the authority's answer; none where the plain decision stands alone."""
    return ThreadOut(items=[ReferralOut.of(each) for each in await use_cases.show_thread(tx, case_id)])
