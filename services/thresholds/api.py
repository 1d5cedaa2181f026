"""The API for schools, officers and services."""

from datetime import date
from typing import Annotated

from fastapi import Header, Query, Response
from fastapi.responses import PlainTextResponse

from services.thresholds.domain.explanation import as_text
from services.thresholds.domain.judgement import Status
from services.thresholds.schemas import ExplanationOut, JudgedOut, RecomputationIn, RecomputationOut, StandingOut, ThresholdOut
from services.thresholds.use_cases import recomputation, standings
from shared.http import Caller, LaCode, Page, Paging, Router, Tx, Upn, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["thresholds"])

READERS = ("mis", "school", "accredited", *OFFICERS, "service")


@router.get("/pupils/{upn}/threshold")
@allow(*READERS, guard=standings.own_pupil)
async def read_threshold(tx: Tx, caller: Caller, upn: Upn) -> ThresholdOut:
    """One pupil's threshold: where it stands, which sessions count, and by which provisions.

    A school that the pupil has left sees it as of the last day on its roll.
    """
    return ThresholdOut.of(await standings.read_threshold(tx, upn, caller))


@router.get("/pupils/{upn}/threshold/explanation", response_model=ExplanationOut, responses={200: {"content": {"text/plain": {}}}})
@allow(*READERS, guard=standings.own_pupil)
async def explain_threshold(
    tx: Tx,
    caller: Caller,
    upn: Upn,
    response: Response,
    accept: Annotated[str, Header(description="text/plain: as lines of text")] = "application/json",
) -> ExplanationOut | Response:
    """One pupil's threshold in sentences that a parent can follow, each with the law it rests on."""
    explanation = await standings.explain_threshold(tx, upn, caller)
    if "text/plain" in accept and "application/json" not in accept:
        return PlainTextResponse(as_text(explanation.sentences), headers={"Vary": "Accept"})
    response.headers["Vary"] = "Accept"
    return ExplanationOut.model_validate(explanation)


@router.get("/pupils/{upn}/judged")
@allow("service")
async def read_judged(tx: Tx, upn: Upn, first: Annotated[date, Query(alias="from")], last: Annotated[date, Query(alias="to")]) -> JudgedOut:
    """What has been judged of one pupil: the marks of a period in the versions that have arrived, and the last published revision of each run.

    By it a service that is about to rely on sessions finds out whether anything that registers holds is still on its way.
    """
    return JudgedOut.of(await standings.read_judged(tx, upn, first, last))


@router.get("/thresholds")
@allow(*READERS)
async def list_thresholds(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    status: Annotated[Status | None, Query(description="Only pupils with this status")] = None,
    urn: Annotated[Urn | None, Query(description="Only pupils on this school's roll")] = None,
    la: Annotated[LaCode | None, Query(description="Only pupils on a roll in this authority")] = None,
) -> Page[StandingOut]:
    """Where the pupils stand who are on a roll that the token reaches: those who met the threshold first, then those who come near it."""
    return Page[StandingOut].of(
        await standings.list_standings(tx, caller, standings.StandingFilter(status, urn, la), paging), StandingOut.of
    )


@router.post("/thresholds/recomputations")
@allow("manager", "operations")
async def recompute(tx: Tx, caller: Caller, body: RecomputationIn | None = None) -> RecomputationOut:
    """Judge thresholds again from the stored facts, at most 2,000 pupils a request; nothing is published where nothing changed."""
    wanted = body or RecomputationIn()
    return RecomputationOut.model_validate(await recomputation.recompute(tx, caller, urn=wanted.urn, la_code=wanted.la, after=wanted.after))
