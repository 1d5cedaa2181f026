"""Cases: listed and read."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.penalties.case_file.domain.roles import READ
from services.penalties.case_file.use_cases.access import own_case
from services.penalties.overview import use_cases
from services.penalties.overview.repository import CaseQuery
from services.penalties.overview.schemas import CaseOut, CaseStatus, CaseSummary
from shared.http import Caller, Db, Page, Paging, Router, Tx, Upn, Urn, allow

router = Router(tags=["cases"])


@router.get("/cases")
@allow(*READ)
async def list_cases(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    upn: Annotated[Upn | None, Query()] = None,
    urn: Annotated[Urn | None, Query(description="The case's school, or the pupil's present one")] = None,
    status: Annotated[CaseStatus | None, Query()] = None,
) -> Page[CaseSummary]:
    """The cases that are the caller's own: the nearest time bar first, those that have passed behind; closed ones last, or the latest first."""
    return Page[CaseSummary].of(await use_cases.list_cases(tx, caller, CaseQuery(upn, urn, status), paging), CaseSummary.model_validate)


@router.get("/cases/{case_id}")
@allow(*READ, guard=own_case, transaction=False)
async def read_case(database: Db, caller: Caller, case_id: UUID) -> CaseOut:
    """One case with everything that was decided and done in it, the parents by name, and the steps possible now or why not."""
    return CaseOut.model_validate(await use_cases.show_case(database, caller, case_id))
