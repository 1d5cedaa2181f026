"""Pupils: as schools send them, their marks, their people."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.registers.fields import CivilDate
from services.registers.marks.schemas.registers import Marks
from services.registers.pupils.schemas.people import People
from services.registers.pupils.schemas.pupils import PupilIn, PupilOut
from services.registers.pupils.use_cases import history, people, pupils
from services.registers.pupils.use_cases.access import own_pupil
from services.registers.schools.use_cases.access import in_area, own_schools
from shared import clock
from shared.http import Caller, Router, Tx, Upn, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["pupils"])


@router.put("/schools/{urn}/pupils/{upn}", responses={201: {"description": "The pupil is new at this school"}})
@allow("mis", "manager", own_school=True, guard=in_area)
async def put_pupil(tx: Tx, caller: Caller, urn: Urn, upn: Upn, body: PupilIn, response: Response) -> PupilOut:
    """Store the whole truth about a pupil at this school in place of what was.

    Parents who are left out are parents through this school no longer. A roll that explains quarantined marks releases them.
    """
    stored = await pupils.put_pupil(tx, urn, upn, body.pupil(urn), caller.name or caller.subject)
    response.status_code = 201 if stored.new else 200
    return PupilOut.model_validate(stored)


@router.get("/pupils/{upn}/marks", response_model_exclude_none=True)
@allow(*OFFICERS, "mis", "school", "service", guard=own_pupil)
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
    return Marks.model_validate({"items": await history.read_marks(tx, upn, start, end, await own_schools(tx, caller))})


@router.get("/people/{pupil_id}")
@allow(*OFFICERS, "school", "service", guard=own_pupil)
async def read_people(tx: Tx, caller: Caller, pupil_id: UUID) -> People:
    """A pupil and their parents by name and address, at this moment: for a letter or a file. A school sees what its own schools have recorded."""
    return People.model_validate(await people.read_people(tx, pupil_id, await own_schools(tx, caller)))
