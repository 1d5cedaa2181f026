"""A whole school's roll, and a pupil's UPNs."""

from services.registers.pupils.schemas.pupils import IdentityOut, RollIn, RollOut, UpnChangeIn
from services.registers.pupils.use_cases import identities, pupils
from services.registers.pupils.use_cases.access import own_pupil
from services.registers.schools.use_cases.access import in_area
from shared.http import Caller, Router, Tx, Upn, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["pupils"])


@router.put("/schools/{urn}/roll")
@allow("mis", "manager", own_school=True, guard=in_area)
async def put_roll(tx: Tx, caller: Caller, urn: Urn, body: RollIn) -> RollOut:
    """Store a whole school's roll in one request, each pupil as `PUT …/pupils/{upn}` would; sending it again is harmless.

    Each pupil is judged alone: who cannot be accepted is named in `rejected`, the rest is stored. Who is not named stays as they were.
    """
    return RollOut.model_validate(await pupils.put_roll(tx, urn, body.read(urn), caller.name or caller.subject))


@router.get("/pupils/{upn}/upns")
@allow(*OFFICERS, "mis", "school", guard=own_pupil)
async def read_upns(tx: Tx, upn: Upn) -> IdentityOut:
    """A pupil's UPNs, present and former, and who changed them why."""
    return IdentityOut.model_validate(await identities.read_identity(tx, upn))


@router.post("/pupils/{upn}/upn-changes", status_code=201)
@allow("mis", "school", "aco", "manager", guard=own_pupil)
async def change_upn(tx: Tx, caller: Caller, upn: Upn, body: UpnChangeIn) -> IdentityOut:
    """Give a pupil another UPN: a permanent one for a temporary one, or the right one for a wrong one. Both find the pupil from then on."""
    return IdentityOut.model_validate(await identities.change_upn(tx, upn, body.new_upn, body.reason, caller))
