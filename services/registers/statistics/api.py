"""Attendance figures."""

from typing import Annotated

from fastapi import Query

from services.registers.fields import CivilDate, District
from services.registers.statistics import use_cases
from services.registers.statistics.domain import By
from services.registers.statistics.schemas import StatisticsOut
from shared.http import Caller, LaCode, Router, Tx, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["statistics"])


@router.get("/statistics")
@allow(*OFFICERS, "mis", "school", "accredited", "service")
async def read_statistics(
    tx: Tx,
    caller: Caller,
    first: Annotated[CivilDate, Query(alias="from")],
    last: Annotated[CivilDate, Query(alias="to", description="At most a year after `from`")],
    urn: Annotated[Urn | None, Query(description="Figures of this school")] = None,
    la: Annotated[LaCode | None, Query(description="Figures of this authority's schools")] = None,
    district: District = None,
    by: Annotated[By, Query(description="What the items are: codes, weeks or schools")] = "code",
) -> StatisticsOut:
    """Attendance of a school, an authority or a district of it in a period, as the Department for Education publishes it; a school sees its own."""
    found = await use_cases.read_statistics(tx, caller, urn=urn, la_code=la, district=district, first=first, last=last, by=by)
    return StatisticsOut.of(found)
