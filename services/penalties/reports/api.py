"""Reports over many cases."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.penalties.case_file.domain.roles import DECIDE, READ
from services.penalties.case_file.use_cases.access import own_case
from services.penalties.reports.schemas import FirstDecisionOut, UndecidedCaseOut
from services.penalties.reports.use_cases import undecided
from shared.http import Caller, Page, Paging, Router, Tx, Urn, allow

router = Router(tags=["reports"])


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
