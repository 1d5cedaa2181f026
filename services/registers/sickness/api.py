"""Was a child turned away? Asked about an O shortly after an illness, where the school has a sickness rule."""

from datetime import timedelta
from typing import Annotated

from fastapi import Query

from services.registers.fields import AnyDate, CivilDate
from services.registers.schools.use_cases.access import in_area
from services.registers.sickness import use_cases
from services.registers.sickness.schemas import SicknessAnswerIn, SicknessQuestion, SicknessQuestions
from shared import clock
from shared.attendance.sessions import Half
from shared.http import Caller, Router, Tx, Upn, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["registers"])


@router.get("/schools/{urn}/sickness-questions")
@allow(*OFFICERS, "school", own_school=True, guard=in_area)
async def list_questions(
    tx: Tx,
    urn: Urn,
    first: Annotated[CivilDate | None, Query(alias="from", description="Default: a month before `to`")] = None,
    last: Annotated[CivilDate | None, Query(alias="to", description="Default: today")] = None,
    upn: Annotated[Upn | None, Query(description="Those about one pupil; then `from` and `to` may be a year apart")] = None,
) -> SicknessQuestions:
    """Marks O shortly after an I at a school with a sickness rule, in order, with what was answered. They count until the school amends them."""
    end = last or clock.today()
    found = await use_cases.read_questions(tx, urn, first or end - timedelta(days=use_cases.LONGEST - 1), end, upn)
    return SicknessQuestions.model_validate({"items": found})


@router.post("/schools/{urn}/registers/{date}/{session}/marks/{upn}/turned-away", status_code=201)
@allow("school", "manager", own_school=True, guard=in_area)
async def answer(tx: Tx, caller: Caller, urn: Urn, date: AnyDate, session: Half, upn: Upn, body: SicknessAnswerIn) -> SicknessQuestion:
    """Answer whether the school turned the child away that session. Where it did, the absence is authorised: amend the mark."""
    answered = await use_cases.answer(tx, caller, urn, date, session, upn, turned_away=body.turned_away, reason=body.reason)
    return SicknessQuestion.model_validate(answered)
