"""A school's attendance policies, and the schools that it continues."""

from typing import Annotated

from fastapi import Path, Response

from services.registers.fields import CivilDate
from services.registers.schools.schemas.policies import Policies, PolicyIn, PolicyOut, PredecessorIn, Successions
from services.registers.schools.use_cases import policies
from services.registers.schools.use_cases.access import in_area
from shared.http import Caller, Router, Tx, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["schools"])

Since = Annotated[CivilDate, Path(alias="from")]


@router.put("/schools/{urn}/attendance-policies/{from}", responses={201: {"description": "The first policy from that day"}})
@allow("mis", "school", "manager", own_school=True, guard=in_area)
async def put_policy(tx: Tx, caller: Caller, urn: Urn, since: Since, body: PolicyIn, response: Response) -> PolicyOut:
    """Store a school's attendance policy: who champions attendance, whom to ask day by day, what it states about legal consequences."""
    stored = await policies.put_policy(tx, urn, body.policy(since), caller.label)
    response.status_code = 201 if stored.new else 200
    return PolicyOut.model_validate(stored.value)


@router.get("/schools/{urn}/attendance-policies/{on}")
@allow(*OFFICERS, "mis", "school", "accredited", "service", own_school=True, guard=in_area)
async def read_policy(tx: Tx, urn: Urn, on: CivilDate) -> PolicyOut:
    """The attendance policy that a school had on a day."""
    return PolicyOut.model_validate(await policies.read_policy(tx, urn, on))


@router.get("/schools/{urn}/attendance-policies")
@allow(*OFFICERS, "mis", "school", "accredited", "service", own_school=True, guard=in_area)
async def list_policies(tx: Tx, urn: Urn) -> Policies:
    """Every attendance policy of a school, the newest first."""
    return Policies(items=[PolicyOut.model_validate(policy) for policy in await policies.read_policies(tx, urn)])


@router.put("/schools/{urn}/predecessor", responses={201: {"description": "It was not known that the school continues that one"}})
@allow("manager", guard=in_area)
async def put_predecessor(tx: Tx, caller: Caller, urn: Urn, body: PredecessorIn, response: Response) -> Successions:
    """Store which school this one continues under a new URN, and from which day; after an amalgamation, each in turn.

    Its pupils' history goes on: this school's tokens see the earlier school's pupils and their marks.
    """
    stored = await policies.put_predecessor(tx, urn, body.urn, body.on, caller)
    response.status_code = 201 if stored.new else 200
    return Successions.model_validate(stored.value)


@router.get("/schools/{urn}/predecessor")
@allow(*OFFICERS, "mis", "school", "accredited", "service", own_school=True, guard=in_area)
async def read_successions(tx: Tx, urn: Urn) -> Successions:
    """The schools that this one continues, and those that continue it."""
    return Successions.model_validate(await policies.read_successions(tx, urn))
