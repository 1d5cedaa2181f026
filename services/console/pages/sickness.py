"""Absences shortly after an illness, at a school with a sickness rule, and the answer whether the child was turned away."""

import asyncio
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.responses import RedirectResponse

from services.console.clients import Refused, ServiceDown
from services.console.context import Context, PageContext
from services.console.pages.flagged import CONFIRMERS, LONGEST
from services.console.pages.forms import Body, FormErrors, idempotency_key, text_field
from services.console.pages.pupils import UPN
from services.console.pages.refusals import errors_of
from services.console.pages.schools import Urn, read_school
from services.console.responses.schools import SicknessQuestions
from services.console.sign_in import Form
from shared import clock
from shared.attendance.sessions import Half
from shared.ids import new_id

router = APIRouter()

ANSWERS = {"yes": True, "no": False}


@router.get("/schools/{urn}/sickness")
async def list_questions(context: Context, urn: Urn, last: Annotated[date | None, Query(alias="to")] = None) -> Response:
    """A school's absences shortly after an illness in the month up to a day, by default today: those first that still need somebody."""
    services, end = context.services, last or clock.today()
    period = {"from": (end - LONGEST).isoformat(), "to": end.isoformat()}
    school, found = await asyncio.gather(
        read_school(services, urn), services.get("registers", f"/v1/schools/{urn}/sickness-questions", SicknessQuestions, **period)
    )
    return context.render(
        "sickness.html",
        school=school,
        questions=sorted(found.items, key=lambda each: each.settled),
        first=end - LONGEST,
        last=end,
        earlier=end - LONGEST - timedelta(days=1),
        may_answer=context.sign_in.person.has(*CONFIRMERS),
    )


@router.post("/schools/{urn}/sickness/{day}/{session}")
async def answer(context: Context, urn: Urn, day: date, session: Half, form: Form) -> Response:
    """Ask whether the child was turned away, or send the answer; sent twice, the form counts once."""
    upn = str(form.get("upn", ""))
    if not UPN.fullmatch(upn):
        return RedirectResponse(f"/schools/{urn}/sickness?to={day}", 303)
    if form.get("step") != "answer":
        return _answer_page(context, urn, day, session, form, [], 200)
    turned_away, reason = text_field(form, "turned_away"), text_field(form, "reason")
    errors: FormErrors = [] if turned_away in ANSWERS else [("turned_away", "Choose whether the child was turned away")]
    if errors or not reason:
        return _answer_page(context, urn, day, session, form, [*errors, *([] if reason else [("reason", "Give the reason")])], 422)
    body: Body = {"turned_away": ANSWERS[turned_away or ""], "reason": reason}
    try:
        await context.services.post(
            "registers", f"/v1/schools/{urn}/registers/{day}/{session}/marks/{upn}/turned-away", body, idempotency_key(form)
        )
    except (Refused, ServiceDown) as failure:
        return _answer_page(context, urn, day, session, form, errors_of(failure), failure.status)
    return context.done(f"/schools/{urn}/sickness?to={day}", "turned-away" if ANSWERS[turned_away or ""] else "not-turned-away")


def _answer_page(context: PageContext, urn: int, day: date, session: Half, form: Form, errors: FormErrors, status: int) -> Response:
    key = form.get("idempotency_key") or str(new_id())
    return context.render(
        "sickness_answer.html", status=status, urn=urn, on=day, session=session, form=form, errors=errors, key=key, upn=form.get("upn", "")
    )
