"""The family of a case's child: parents and children, marks and leave on the same days, and what penalty notices would cost together."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import JsonValue
from starlette.datastructures import FormData

from services.console.clients import Refused
from services.console.context import Context, PageContext
from services.console.pages.cases import read_case
from services.console.pages.forms import FormErrors, date_field
from services.console.pages.refusals import sentences
from services.console.responses.cases import Case
from services.console.responses.family import Family, FamilyAssessment

router = APIRouter()


@router.get("/cases/{case_id}/family")
async def show_family(context: Context, case_id: UUID) -> Response:
    """Show a child's family on the days of the case, or on those asked for, and the sum of the notices that were chosen."""
    form = FormData([*context.request.query_params.multi_items()])
    case, pupil = await read_case(context.services, case_id)
    errors: FormErrors = []
    days = _days(case, form, errors)
    family = await _read(context, case, days, errors)
    chosen = form.getlist("notice") if form else _proposed(case, family)
    assessed = await _assess(context, case, days, [str(each) for each in chosen], errors) if family and chosen else None
    return context.render(
        "family.html",
        status=422 if errors else 200,
        case=case,
        pupil=pupil,
        family=family,
        days=days,
        chosen=chosen,
        assessed=assessed,
        form=form,
        errors=errors,
    )


@router.get("/parents/{parent_id}")
async def show_parent(context: Context, parent_id: UUID) -> Response:
    """Show a person and their children, as far as the signed-in person may see them."""
    family = await context.services.get("registers", f"/v1/parents/{parent_id}/children", Family)
    return context.render("parent.html", family=family, parent=family.parents[0])


def _days(case: Case, form: FormData, errors: FormErrors) -> tuple[date, date]:
    """Return the first and the last day to show: those asked for, otherwise the holiday's or those of the sessions relied on."""
    listed = [each.date for each in case.sessions] or [case.met_at.date]
    own_days = (case.holiday_period.start, case.holiday_period.end) if case.holiday_period else (min(listed), max(listed))
    asked = [_date(form, name, proposed, errors) for name, proposed in zip(("from", "to"), own_days, strict=True)]
    if asked[0] > asked[1]:
        errors.append(("to", "The last day must be on or after the first day"))
    return asked[0], asked[1]


def _date(form: FormData, name: str, proposed: date, errors: FormErrors) -> date:
    try:
        return date.fromisoformat(typed) if (typed := date_field(form, name)) else proposed
    except ValueError:
        errors.append((name, "Enter a real date"))
        return proposed


async def _read(context: PageContext, case: Case, days: tuple[date, date], errors: FormErrors) -> Family | None:
    if errors:
        return None
    first, last = (each.isoformat() for each in days)
    try:
        return await context.services.get("registers", f"/v1/people/{case.pupil_id}/family", Family, **{"from": first, "to": last})
    except Refused as refusal:
        if refusal.status != 422:
            raise
        errors.append(("from", refusal.detail or refusal.title))
        return None


def _proposed(case: Case, family: Family | None) -> Sequence[str]:
    """Return the notices that are proposed at first: about the case's child, and each who was absent without authority, to every parent."""
    absent = [
        child
        for child in (family.children if family else ())
        if child.id == case.pupil_id or any(mark.is_unauthorised for mark in child.marks)
    ]
    return [f"{parent_id}_{child.id}" for child in absent for parent_id in child.parent_ids]


async def _assess(
    context: PageContext, case: Case, days: tuple[date, date], chosen: Sequence[str], errors: FormErrors
) -> FamilyAssessment | None:
    pairs = [each.partition("_") for each in chosen]
    notices: list[JsonValue] = [{"parent_id": parent, "pupil_id": pupil} for parent, _, pupil in pairs]
    first, last = (each.isoformat() for each in days)
    body: dict[str, JsonValue] = {"offence": {"from": first, "to": last}, "notices": notices}
    try:
        return await context.services.post_and_read("penalties", f"/v1/cases/{case.id}/family-assessments", body, FamilyAssessment)
    except Refused as refusal:
        if refusal.status not in {403, 409, 422}:
            raise
        errors.extend(("notice", text) for _, text in sentences(refusal))
        return None
