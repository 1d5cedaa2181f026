"""How far a pupil takes part."""

from typing import Annotated

from fastapi import Query

from services.registers.engagement import use_cases
from services.registers.engagement.schemas import EngagementOut
from services.registers.fields import CivilDate
from services.registers.pupils.use_cases.access import own_pupil
from shared.http import Caller, Router, Tx, Upn, allow
from shared.http.access import OFFICERS

router = Router(tags=["statistics"])


@router.get("/pupils/{upn}/engagement")
@allow(*OFFICERS, "mis", "school", "accredited", "service", guard=own_pupil)
async def read_engagement(
    tx: Tx,
    caller: Caller,
    upn: Upn,
    first: Annotated[CivilDate | None, Query(alias="from", description="Default: the first day of the school year of `to`")] = None,
    last: Annotated[CivilDate | None, Query(alias="to", description="Default: today")] = None,
) -> EngagementOut:
    """A pupil's attendance beside their engagement, with persistent and severe absence; a school sees those of its own registers."""
    return EngagementOut.of(await use_cases.read_engagement(tx, caller, upn, first, last))
