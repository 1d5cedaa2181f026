"""Pupils whom schools record with different names or birth dates: an officer decides. A school sees what its claims are worth."""

from uuid import UUID

from services.registers.pupils.schemas.differences import ClaimsOut, DifferenceDecisionIn, DifferenceOut
from services.registers.pupils.use_cases import differences
from services.registers.schools.use_cases.access import in_area
from shared.http import Caller, Page, Paging, Router, Tx, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["pupils"])


@router.get("/pupil-differences")
@allow(*OFFICERS)
async def list_differences(tx: Tx, caller: Caller, paging: Paging) -> Page[DifferenceOut]:
    """Pupils whom schools record with different names or birth dates, or whom a school claims by a UPN alone, the oldest first."""
    return Page[DifferenceOut].of(await differences.read_differences(tx, paging, caller.la_code), DifferenceOut.of)


@router.get("/pupil-differences/{difference_id}")
@allow(*OFFICERS, guard=differences.own_difference)
async def read_difference(tx: Tx, difference_id: UUID) -> DifferenceOut:
    """One pupil as each school records them, and what officers decided."""
    return DifferenceOut.of(await differences.read_difference(tx, difference_id))


@router.post("/pupil-differences/{difference_id}")
@allow("aco", "manager", guard=differences.own_difference)
async def decide_difference(tx: Tx, caller: Caller, difference_id: UUID, body: DifferenceDecisionIn) -> DifferenceOut:
    """Decide which school's names and birth date count, and which claims are of this child. It may be decided again.

    Where schools of several authorities have the pupil on their roll, nothing changes until an officer of each of them has decided alike.
    """
    return DifferenceOut.of(await differences.decide(tx, difference_id, body.counts, body.answers, body.reason, caller))


@router.get("/schools/{urn}/claims")
@allow(*OFFICERS, "mis", "school", own_school=True, guard=in_area)
async def list_claims(tx: Tx, urn: Urn) -> ClaimsOut:
    """The pupils of a school's roll whom an officer has not confirmed, or refused, and what the school can do."""
    return ClaimsOut.model_validate({"items": await differences.read_claims(tx, urn)})
