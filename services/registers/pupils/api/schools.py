"""A school comes in: where its authority changes, its pupils' rolls follow."""

from fastapi import Response

from services.registers.pupils.use_cases import schools
from services.registers.schools.schemas.schools import SchoolIn, SchoolOut
from services.registers.schools.use_cases.access import in_area
from shared.http import Caller, Router, Tx, Urn, allow
from shared.problems import Forbidden

router = Router(tags=["schools"])


@router.put("/schools/{urn}", responses={201: {"description": "The school is new"}})
@allow("manager", guard=in_area)
async def put_school(tx: Tx, caller: Caller, urn: Urn, body: SchoolIn, response: Response) -> SchoolOut:
    """Store a school in place of what was. Where its authority changes, its calendars and its pupils' rolls are published again."""
    if caller.la_code not in {None, body.la_code}:
        raise Forbidden("That is another authority.")
    stored = await schools.put_school(tx, body.school(urn), caller.name or caller.subject)
    response.status_code = 201 if stored.new else 200
    return SchoolOut.model_validate(stored.value)
