"""Reports over many cases."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.penalties.case_file.domain.roles import AGREE, DECIDE, READ
from services.penalties.case_file.schemas import Day
from services.penalties.case_file.use_cases.access import own_case
from services.penalties.reports.schemas import (
    FairnessOut,
    FirstDecisionOut,
    MonthsOut,
    RequestReasonsOut,
    SchoolReasonsOut,
    UndecidedCaseOut,
)
from services.penalties.reports.use_cases import fairness, undecided
from shared.attendance.dates import Period
from shared.http import Caller, LaCode, Page, Paging, Router, Tx, Urn, allow

router = Router(tags=["reports"])

First = Annotated[Day, Query(alias="from")]
Last = Annotated[Day, Query(alias="to", description="At most a year after `from`")]
OfAuthority = Annotated[LaCode | None, Query(description="Cases of this authority alone")]
OfSchool = Annotated[Urn | None, Query(description="Cases of this school alone")]


@router.get("/undecided-cases")
@allow(*DECIDE)
async def list_undecided_cases(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    urn: Annotated[Urn | None, Query(description="The case's school, or the pupil's present one")] = None,
) -> Page[UndecidedCaseOut]:
    """Open cases on which nobody has decided within ten school days of the threshold [policy], the oldest first; a school sees its own.

    The days are those of the school's calendar; where it has sent none for the school year, Monday to Friday less bank holidays.
    """
    return Page[UndecidedCaseOut].of(await undecided.list_undecided(tx, caller, urn, paging), UndecidedCaseOut.model_validate)


@router.get("/cases/{case_id}/first-decision")
@allow(*READ, guard=own_case)
async def read_first_decision(tx: Tx, case_id: UUID) -> FirstDecisionOut:
    """How long a case waited for its first decision, or waits, and by when it is due."""
    return FirstDecisionOut.model_validate(await undecided.show_first_decision(tx, case_id))


@router.get("/reports/fairness")
@allow(*DECIDE)
async def read_fairness(tx: Tx, caller: Caller, first: First, last: Last, la_code: OfAuthority = None, urn: OfSchool = None) -> FairnessOut:
    """How each school decided on the cases opened in a period, as it stands today; those with a mark first. A school sees its own line.

    A mark names a kind of decision that nearly all or nearly none of the cases have, with its numbers; small numbers are not judged [policy].
    """
    return FairnessOut.model_validate(await fairness.report_fairness(tx, caller, Period(first, last), la_code, urn))


@router.get("/reports/fairness/months")
@allow(*DECIDE)
async def read_fairness_by_month(
    tx: Tx, caller: Caller, first: First, last: Last, urn: Annotated[Urn, Query(description="Cases of this school")]
) -> MonthsOut:
    """The same figures month by month for one school, by the day on which its cases were opened."""
    months = await fairness.report_months(tx, caller, Period(first, last), None, urn)
    return MonthsOut.model_validate({"items": months}, from_attributes=True)


@router.get("/reports/fairness/reasons")
@allow(*DECIDE)
async def read_reasons(
    tx: Tx, caller: Caller, first: First, last: Last, urn: Annotated[Urn, Query(description="Cases of this school")]
) -> SchoolReasonsOut:
    """Reasons that one school used word for word in several cases, the most used first, and why it used no Notice to Improve.

    The texts of reused reasons are for officers alone; a school reads how often.
    """
    return SchoolReasonsOut.model_validate(await fairness.report_reasons(tx, caller, Period(first, last), urn))


@router.get("/reports/fairness.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
@allow(*DECIDE)
async def download_fairness(
    tx: Tx, caller: Caller, first: First, last: Last, la_code: OfAuthority = None, urn: OfSchool = None
) -> Response:
    """The figures by school and month as comma-separated values."""
    months = await fairness.report_months(tx, caller, Period(first, last), la_code, urn)
    return Response(fairness.as_csv(months), media_type="text/csv")


@router.get("/cases/{case_id}/reused-reasons")
@allow(*AGREE, guard=own_case)
async def read_reused_reasons(tx: Tx, case_id: UUID) -> RequestReasonsOut:
    """The reasons of the school's requests in a case, and in how many of its cases it gave each word for word since a day twelve months ago [policy]."""
    return RequestReasonsOut.model_validate(await fairness.show_reused_reasons(tx, case_id))
