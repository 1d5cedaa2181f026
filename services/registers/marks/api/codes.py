"""The codes of the register."""

from typing import Annotated

from fastapi import Query

from services.registers.fields import CivilDate
from services.registers.marks.schemas.codes import CodeOut, Codes
from shared import clock
from shared.attendance.register_codes import codes_on
from shared.http import Router, allow
from shared.http.access import ROLES

router = Router(tags=["codes"])


@router.get("/codes")
@allow(*ROLES)
async def read_codes(on: Annotated[CivilDate | None, Query(description="Default: today")] = None) -> Codes:
    """The codes that may be entered for a session of a day, with their meaning, class and legal reference."""
    day = on or clock.today()
    return Codes(on=day, items=[CodeOut.model_validate(code) for code in codes_on(day).values()])
