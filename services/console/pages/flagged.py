"""Registers and marks of a school that contradict what else is recorded, and the word of a person that one of them is right."""

import asyncio
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.responses import RedirectResponse

from services.console.clients import Refused, ServiceDown
from services.console.context import Context, PageContext
from services.console.pages.forms import Body, FormErrors, idempotency_key, text_field
from services.console.pages.pupils import UPN
from services.console.pages.refusals import errors_of
from services.console.pages.schools import Urn, read_school
from services.console.responses.schools import FlaggedRegisters
from services.console.sign_in import Form
from shared import clock
from shared.attendance.sessions import Half
from shared.ids import new_id

router = APIRouter()

CONFIRMERS = ("school", "manager")
LONGEST = timedelta(days=30)
"""The days of one list, less one; registers shows no more at a time."""


@router.get("/schools/{urn}/flagged")
async def list_flagged(context: Context, urn: Urn, last: Annotated[date | None, Query(alias="to")] = None) -> Response:
    """A school's flagged registers and marks of the month up to a day, by default today."""
    services, end = context.services, last or clock.today()
    school, found = await asyncio.gather(
        read_school(services, urn),
        services.get(
            "registers", f"/v1/schools/{urn}/flagged", FlaggedRegisters, **{"from": (end - LONGEST).isoformat(), "to": end.isoformat()}
        ),
    )
    earlier = end - LONGEST - timedelta(days=1)
    may_confirm = context.sign_in.person.has(*CONFIRMERS)
    return context.render(
        "flagged.html", school=school, registers=found.items, first=end - LONGEST, last=end, earlier=earlier, may_confirm=may_confirm
    )


@router.post("/schools/{urn}/flagged/{day}/{session}")
async def confirm_mark(context: Context, urn: Urn, day: date, session: Half, form: Form) -> Response:
    """Ask why a mark is right although leave was granted for its day, or confirm it."""
    upn = str(form.get("upn", ""))
    if not UPN.fullmatch(upn):
        return RedirectResponse(f"/schools/{urn}/flagged?to={day}", 303)
    if form.get("step") != "confirm":
        return _confirmation(context, urn, day, session, form, [], 200)
    values = {name: text_field(form, name) for name in ("reason", "title")}
    required = {"reason": "Give the reason", "title": "Enter your office at the school"}
    if errors := [(name, text) for name, text in required.items() if not values[name]]:
        return _confirmation(context, urn, day, session, form, errors, 422)
    body: Body = {"reason": values["reason"], "confirmed_by": {"name": context.sign_in.person.name, "title": values["title"]}}
    path = f"/v1/schools/{urn}/registers/{day}/{session}/marks/{upn}/confirmation"
    try:
        await context.services.post("registers", path, body, idempotency_key(form))
    except (Refused, ServiceDown) as failure:
        return _confirmation(context, urn, day, session, form, errors_of(failure), failure.status)
    return context.done(f"/schools/{urn}/flagged?to={day}", "mark-confirmed")


def _confirmation(context: PageContext, urn: int, day: date, session: Half, form: Form, errors: FormErrors, status: int) -> Response:
    key = form.get("idempotency_key") or str(new_id())
    return context.render(
        "flagged_confirm.html", status=status, urn=urn, on=day, session=session, form=form, errors=errors, key=key, upn=form.get("upn", "")
    )
