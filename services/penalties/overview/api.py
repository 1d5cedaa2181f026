"""Cases: listed and read."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel

from services.penalties.case_file.domain.roles import READ
from services.penalties.case_file.use_cases.access import own_case
from services.penalties.overview import use_cases
from services.penalties.overview.repository import CaseQuery
from services.penalties.overview.schemas import CaseOut, CaseStagesOut, CaseStatus, CaseStatusOut, CaseSummary
from shared.http import Caller, Db, Page, Paging, Router, Tx, Upn, Urn, allow

router = Router(tags=["cases"])


@router.get("/cases", response_model=Page[CaseSummary])
@allow(*READ, "mis")
async def list_cases(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    upn: Annotated[Upn | None, Query()] = None,
    urn: Annotated[Urn | None, Query(description="The case's school, or the pupil's present one")] = None,
    status: Annotated[CaseStatus | None, Query()] = None,
) -> Page[CaseSummary] | Response:
    """The cases that are the caller's own: the nearest time bar first, those that have passed behind; closed ones last, or the latest first.

    A school's system reads `id`, `upn`, `urn` and `status` alone.
    """
    found = await use_cases.list_cases(tx, caller, CaseQuery(upn, urn, status), paging)
    if caller.roles == {"mis"}:
        return _json(Page[CaseStatusOut].of(found, CaseStatusOut.model_validate))
    return Page[CaseSummary].of(found, CaseSummary.model_validate)


@router.get("/cases/{case_id}", response_model=CaseOut)
@allow(*READ, "mis", guard=own_case, transaction=False)
async def read_case(database: Db, caller: Caller, case_id: UUID) -> CaseOut | Response:
    """One case with everything that was decided and done in it, the parents by name, and the steps possible now or why not.

    A school's system reads no names and no reasons: `id`, `upn`, `urn`, `status`, and `stages`, how far it has come with each parent.
    """
    if caller.roles == {"mis"}:
        return _json(CaseStagesOut.model_validate(await use_cases.show_stages(database, case_id)))
    return CaseOut.model_validate(await use_cases.show_case(database, caller, case_id))


def _json(shown: BaseModel) -> Response:
    """Return the response to a school's system, which has fewer fields than the documented one."""
    return Response(shown.model_dump_json(), media_type="application/json")
