"""Registers and marks of a school that contradict themselves."""

from datetime import timedelta
from typing import Annotated

from fastapi import Query

from services.registers.fields import CivilDate
from services.registers.marks.schemas.flags import FlaggedRegisters
from services.registers.marks.use_cases import flags
from services.registers.schools.use_cases.access import in_area
from shared import clock
from shared.http import Router, Tx, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["registers"])


@router.get("/schools/{urn}/flagged")
@allow(*OFFICERS, "mis", "school", "accredited", own_school=True, guard=in_area)
async def list_flagged(
    tx: Tx,
    urn: Urn,
    first: Annotated[CivilDate | None, Query(alias="from", description="Default: a fortnight before `to`")] = None,
    last: Annotated[CivilDate | None, Query(alias="to", description="Default: today")] = None,
) -> FlaggedRegisters:
    """A school's registers with which something is wrong: open too long or too short, taken on a session not held, or contradicting its L and U marks."""
    end = last or clock.today()
    return FlaggedRegisters.model_validate({"items": await flags.read_flagged(tx, urn, first or end - timedelta(weeks=2), end)})
