"""Pupils: as schools send them, their marks, their people, their UPNs.

A school comes in here too, because its pupils' rolls follow it to another authority.
"""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.registers.fields import CivilDate
from services.registers.marks.schemas.registers import Marks
from services.registers.pupils.schemas.people import NamedPupils, People
from services.registers.pupils.schemas.pupils import IdentityOut, PupilIn, PupilOut, RollIn, RollOut, UpnChangeIn
from services.registers.pupils.use_cases import history, identities, people, pupils
from services.registers.pupils.use_cases.access import own_pupil
from services.registers.schools.schemas.schools import SchoolIn, SchoolOut
from services.registers.schools.use_cases.access import in_area, in_area_or_new, own_schools
from shared import clock
from shared.http import Caller, Router, Tx, Upn, Urn, allow
from shared.http.access import OFFICERS
from shared.problems import Forbidden

router = Router(tags=["pupils"])
schools_router = Router(tags=["schools"])


@schools_router.put("/schools/{urn}", responses={201: {"description": "The school is new"}})
@allow("manager", guard=in_area_or_new)
async def put_school(tx: Tx, caller: Caller, urn: Urn, body: SchoolIn, response: Response) -> SchoolOut:
    """Store a school in place of what was. Where its authority changes, its calendars and its pupils' rolls are published again."""
    if caller.la_code not in {None, body.la_code}:
        raise Forbidden("That is another authority.")
    stored = await pupils.put_school(tx, body.school(urn), caller.label)
    response.status_code = 201 if stored.new else 200
    return SchoolOut.model_validate(stored.value)


@router.put("/schools/{urn}/pupils/{upn}", responses={201: {"description": "The pupil is new at this school"}})
@allow("mis", "manager", own_school=True, guard=in_area)
async def put_pupil(tx: Tx, caller: Caller, urn: Urn, upn: Upn, body: PupilIn, response: Response) -> PupilOut:
    """Store the whole truth about a pupil at this school in place of what was.

    Parents who are left out are parents through this school no longer. A roll that explains quarantined marks releases them.
    """
    stored = await pupils.put_pupil(tx, urn, upn, body.pupil(urn), caller.label)
    response.status_code = 201 if stored.new else 200
    return PupilOut.model_validate(stored)


@router.get("/pupils/{upn}/marks", response_model_exclude_none=True)
@allow(*OFFICERS, "mis", "school", "accredited", "service", guard=own_pupil)
async def read_marks(
    tx: Tx,
    caller: Caller,
    upn: Upn,
    first: Annotated[CivilDate | None, Query(alias="from", description="Default: a year before `to`")] = None,
    last: Annotated[CivilDate | None, Query(alias="to", description="Default: today")] = None,
) -> Marks:
    """A pupil's marks in a period, each with every version; a school sees those of its own registers and of the schools it continues."""
    end = last or clock.today()
    start = first or end - timedelta(days=365)
    return Marks.model_validate({"items": await history.read_marks(tx, caller, upn, start, end, await own_schools(tx, caller))})


@router.get("/people/{pupil_id}")
@allow(*OFFICERS, "school", "accredited", "service", guard=own_pupil)
async def read_people(tx: Tx, caller: Caller, pupil_id: UUID) -> People:
    """A pupil and their parents by name and address, at this moment: for a letter or a file. A school sees what its own schools have recorded."""
    return People.model_validate(await people.read_people(tx, pupil_id, await own_schools(tx, caller)))


@router.get("/people")
@allow(*OFFICERS, "school", "service")
async def read_named_pupils(
    tx: Tx,
    caller: Caller,
    pupil_id: Annotated[list[UUID], Query(min_length=1, max_length=people.MOST, description="Whose names are asked for")],
) -> NamedPupils:
    """Pupils by name, many at once, for a list: those of the ones asked for whom the caller could also read one by one, in no order."""
    return NamedPupils.model_validate({"items": await people.read_named_pupils(tx, caller, pupil_id)})


@router.put("/schools/{urn}/roll")
@allow("mis", "manager", own_school=True, guard=in_area)
async def put_roll(tx: Tx, caller: Caller, urn: Urn, body: RollIn) -> RollOut:
    """Store a whole school's roll in one request, each pupil as `PUT …/pupils/{upn}` would; sending it again is harmless.

    Each pupil is judged alone: who cannot be accepted is named in `rejected`, the rest is stored. Who is not named stays as they were.
    """
    return RollOut.model_validate(await pupils.put_roll(tx, urn, body.read(urn), caller.label))


@router.get("/pupils/{upn}/upns")
@allow(*OFFICERS, "mis", "school", "accredited", guard=own_pupil)
async def read_upns(tx: Tx, caller: Caller, upn: Upn) -> IdentityOut:
    """A pupil's UPNs, present and former, and who changed them why."""
    return IdentityOut.model_validate(await identities.read_identity(tx, upn, caller))


@router.post("/pupils/{upn}/upn-changes", status_code=201)
@allow("mis", "school", "aco", "manager", guard=own_pupil)
async def change_upn(tx: Tx, caller: Caller, upn: Upn, body: UpnChangeIn) -> IdentityOut:
    """Give a pupil another UPN: a permanent one for a temporary one, or the right one for a wrong one. Both find the pupil from then on.

    The answer is the same whether the number is free or a child's whom the caller does not reach. In that case officers decide whether the two
    are one child: until then it finds each of them for those who reach that one, and if they are not, this pupil has the former number again.
    """
    return IdentityOut.model_validate(await identities.change_upn(tx, upn, body.new_upn, body.reason, caller))
