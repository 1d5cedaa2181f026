"""Ways in for schools and officers."""

from datetime import date
from typing import Annotated

from fastapi import Header, Query, Response
from fastapi.responses import PlainTextResponse

from services.thresholds import use_cases
from services.thresholds.domain.explanation import as_text
from services.thresholds.schemas import (
    ExplanationOut,
    JudgedOut,
    RecomputationIn,
    RecomputationOut,
    SentenceOut,
    StandingOut,
    Status,
    ThresholdOut,
)
from shared.http import Caller, LaCode, Page, Paging, Router, Tx, Upn, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["thresholds"])

READERS = ("mis", "school", *OFFICERS, "service")


@router.get("/pupils/{upn}/threshold")
@allow(*READERS, guard=use_cases.may_see_pupil)
async def read_threshold(tx: Tx, upn: Upn) -> ThresholdOut:
    """One pupil's threshold: where it stands, which sessions count, and by which provisions."""
    return ThresholdOut.model_validate(await use_cases.read_threshold(tx, upn))


@router.get("/pupils/{upn}/threshold/explanation", response_model=ExplanationOut, responses={200: {"content": {"text/plain": {}}}})
@allow(*READERS, guard=use_cases.may_see_pupil)
async def explain_threshold(
    tx: Tx, upn: Upn, response: Response, accept: Annotated[str, Header(description="text/plain: as lines of text")] = "application/json"
) -> ExplanationOut | Response:
    """One pupil's threshold in sentences that a parent can follow, each with the law it rests on."""
    found, sentences = await use_cases.explain_threshold(tx, upn)
    if "text/plain" in accept and "application/json" not in accept:
        return PlainTextResponse(as_text(sentences), headers={"Vary": "Accept"})
    response.headers["Vary"] = "Accept"
    said = [SentenceOut.model_validate(each) for each in sentences]
    return ExplanationOut(pupil_id=found["pupil_id"], upn=found["upn"], status=found["status"], sentences=said)


@router.get("/pupils/{upn}/judged")
@allow("service")
async def read_judged(tx: Tx, upn: Upn, first: Annotated[date, Query(alias="from")], last: Annotated[date, Query(alias="to")]) -> JudgedOut:
    """What has been judged of one pupil: the marks of a period in the versions that have arrived, and how much was said of each run.

    For who must know, before relying on sessions, that nothing that registers holds is still on its way.
    """
    return JudgedOut.model_validate(await use_cases.read_judged(tx, upn, first, last))


@router.get("/thresholds")
@allow(*READERS)
async def list_thresholds(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    status: Annotated[Status | None, Query(description="Only pupils who stand so")] = None,
    urn: Annotated[Urn | None, Query(description="Only pupils on this school's roll")] = None,
    la: Annotated[LaCode | None, Query(description="Only pupils on a roll in this authority")] = None,
) -> Page[StandingOut]:
    """Where the pupils stand who are on a roll that the token reaches."""
    asked = use_cases.Asked(status, urn, la, paging.after, paging.limit)
    rows = [StandingOut.model_validate(each) for each in await use_cases.list_standings(tx, caller, asked)]
    return Page[StandingOut].of(rows, paging.limit, key=lambda row: row.pupil_id)


@router.post("/thresholds/recomputations")
@allow("manager", "operations")
async def recompute(tx: Tx, caller: Caller, body: RecomputationIn | None = None) -> RecomputationOut:
    """Judge thresholds again from the stored facts, at most 2,000 pupils a request; nothing is said where nothing changed."""
    asked = body or RecomputationIn()
    judged, changed, after = await use_cases.recompute(tx, caller, urn=asked.urn, la_code=asked.la, after=asked.after)
    return RecomputationOut(judged=judged, changed=changed, next=after)
