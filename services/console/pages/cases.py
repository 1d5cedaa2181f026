"""Cases: the list, and everything about one."""

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.console.answers import Case, CaseSummary, ImprovementNotice, Letter, Listed, PenaltyNotice, Pupil
from services.console.clients import Services
from services.console.pages.people import pupils
from services.console.pages.steps import STEPS
from services.console.visit import Visit

router = APIRouter()

SHOWN = 50


@router.get("/cases")
async def list_cases(
    visit: Visit,
    status: Literal["open", "closed"] = "open",
    after: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Cases, open or closed, a page at a time."""
    services = visit.services
    found = await services.get("penalties", "/v1/cases", Listed[CaseSummary], status=status, after=after, limit=SHOWN)
    names = await pupils(services, [case.pupil_id for case in found.items])
    return visit.page("cases.html", state=status, cases=found.items, next=found.next, after=after, pupils=names)


@router.get("/cases/{case_id}")
async def show_case(visit: Visit, case_id: UUID) -> Response:
    """One case: who, what it rests on, what was decided and sent, and what may be done now."""
    services = visit.services
    case, pupil = await read_case(services, case_id)
    warnings, fines, letters = await asyncio.gather(
        read_improvement_notices(services, case), _penalty_notices(services, case), _letters(services, [each.id for each in case.notices])
    )
    return visit.page("case.html", case=case, pupil=pupil, warnings=warnings, fines=fines, letters=letters, steps=STEPS)


async def read_case(services: Services, case_id: UUID) -> tuple[Case, Pupil | None]:
    """Return a case and, where registers tells it to this person, the pupil."""
    case = await services.get("penalties", f"/v1/cases/{case_id}", Case)
    return case, (await pupils(services, [case.pupil_id])).get(case.pupil_id)


async def read_improvement_notices(services: Services, case: Case) -> list[ImprovementNotice]:
    """Return the Notices to Improve of a case in full, oldest first."""
    ids = [each.id for each in case.notices if each.kind == "notice-to-improve"]
    return await asyncio.gather(*(services.get("penalties", f"/v1/notices-to-improve/{each}", ImprovementNotice) for each in ids))


async def _penalty_notices(services: Services, case: Case) -> list[PenaltyNotice]:
    ids = [each.id for each in case.notices if each.kind != "notice-to-improve"]
    return await asyncio.gather(*(services.get("penalties", f"/v1/penalty-notices/{each}", PenaltyNotice) for each in ids))


async def _letters(services: Services, notice_ids: list[UUID]) -> dict[UUID, list[Letter]]:
    asked = [services.tried(services.get("notifications", "/v1/letters", Listed[Letter], about=each)) for each in notice_ids]
    answers = await asyncio.gather(*asked)
    return {notice_id: found.items if found else [] for notice_id, found in zip(notice_ids, answers, strict=True)}
