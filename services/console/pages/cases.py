"""Cases: the list, and everything about one."""

import asyncio
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response

from services.console.clients import Services
from services.console.context import Context
from services.console.pages.attendance import load_records, read_attendance
from services.console.pages.people import load_pupils
from services.console.pages.schools import After
from services.console.pages.steps import steps_of
from services.console.pages.timeline import timeline
from services.console.responses.cases import Case, CaseSummary, ImprovementNotice, Letter, PenaltyNotice
from services.console.responses.engagement import Engagement
from services.console.responses.reports import FirstDecision
from services.console.responses.schools import Pupil, SicknessQuestion, SicknessQuestions
from services.console.responses.support import EntrySummary
from services.console.responses.values import ListResponse

router = APIRouter()

PAGE_SIZE = 50


@router.get("/cases")
async def list_cases(context: Context, status: Literal["open", "closed"] = "open", after: After = None) -> Response:
    """Cases, open or closed, a page at a time."""
    services = context.services
    found = await services.get("penalties", "/v1/cases", ListResponse[CaseSummary], status=status, after=after, limit=PAGE_SIZE)
    names = await load_pupils(services, [case.pupil_id for case in found.items])
    return context.render("cases.html", state=status, found=found, pupils=names)


@router.get("/cases/{case_id}")
async def show_case(context: Context, case_id: UUID) -> Response:
    """One case: the pupil, the sessions relied on, decisions, notices and letters, and the actions possible now."""
    services = context.services
    case = await services.get("penalties", f"/v1/cases/{case_id}", Case)
    last = max([case.window.end, *(each.date for each in case.counting)])
    (
        (pupils, sickness),
        (records, engagement),
        first_decision,
        improvement_notices,
        penalty_notices,
        (letters, tried),
    ) = await asyncio.gather(
        asyncio.gather(load_pupils(services, [case.pupil_id]), _sickness(services, case)),
        asyncio.gather(load_records(services, case.upn, case.urn, case.window.start, last), _engagement(services, case.upn)),
        services.optional(services.get("penalties", f"/v1/cases/{case_id}/first-decision", FirstDecision)),
        _improvement_notices(services, case),
        _penalty_notices(services, case),
        asyncio.gather(_letters(services, [each.id for each in case.notices]), _tried(services, case_id)),
    )
    pupil = pupils.get(case.pupil_id)
    return context.render(
        "case.html",
        case=case,
        pupil=pupil,
        attendance=read_attendance(records, pupil, case.sessions, case.counting) if records else None,
        first_decision=first_decision,
        engagement=engagement,
        sickness=sickness,
        improvement_notices=improvement_notices,
        penalty_notices=penalty_notices,
        letters=letters,
        steps=steps_of(case),
        happened=timeline(case, improvement_notices, penalty_notices, letters, tried),
    )


async def read_case(services: Services, case_id: UUID) -> tuple[Case, Pupil | None]:
    """Return a case and, where registers shows it to this person, the pupil."""
    case = await services.get("penalties", f"/v1/cases/{case_id}", Case)
    return case, (await load_pupils(services, [case.pupil_id])).get(case.pupil_id)


async def _engagement(services: Services, upn: str | None) -> Engagement | None:
    """Return the pupil's figures of the school year, where the number is known and registers shows them to this person."""
    return await services.optional(services.get("registers", f"/v1/pupils/{upn}/engagement", Engagement)) if upn else None


async def _sickness(services: Services, case: Case) -> list[SicknessQuestion]:
    """Return what the case's school is asked, and answered, about sessions relied on that came shortly after an illness."""
    relied_on = {(each.date, each.session) for each in case.sessions if each.urn == case.urn}
    if not relied_on or not case.upn:
        return []
    query = {"from": min(relied_on)[0].isoformat(), "to": max(relied_on)[0].isoformat(), "upn": case.upn}
    found = await services.optional(services.get("registers", f"/v1/schools/{case.urn}/sickness-questions", SicknessQuestions, **query))
    return [each for each in found.items if (each.date, each.session) in relied_on] if found else []


async def _improvement_notices(services: Services, case: Case) -> list[ImprovementNotice]:
    """Return the Notices to Improve of a case in full, oldest first."""
    ids = [each.id for each in case.notices if each.kind == "notice-to-improve"]
    return await asyncio.gather(*(services.get("penalties", f"/v1/notices-to-improve/{each}", ImprovementNotice) for each in ids))


async def _penalty_notices(services: Services, case: Case) -> list[PenaltyNotice]:
    ids = [each.id for each in case.notices if each.kind != "notice-to-improve"]
    return await asyncio.gather(*(services.get("penalties", f"/v1/penalty-notices/{each}", PenaltyNotice) for each in ids))


async def _tried(services: Services, case_id: UUID) -> list[EntrySummary]:
    """Return the latest entries of the child's support log."""
    found = await services.optional(
        services.get("penalties", f"/v1/cases/{case_id}/support-entries", ListResponse[EntrySummary], limit=PAGE_SIZE)
    )
    return found.items if found else []


async def _letters(services: Services, notice_ids: list[UUID]) -> dict[UUID, list[Letter]]:
    if not notice_ids:
        return {}
    found = await services.optional(services.get("notifications", "/v1/letters", ListResponse[Letter], about=notice_ids, limit=500))
    return {notice_id: [letter for letter in found.items if letter.about == notice_id] if found else [] for notice_id in notice_ids}
