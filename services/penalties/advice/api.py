"""What the rules recommend about a parent, and the policy of an authority."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.penalties.advice import use_cases
from services.penalties.advice.schemas import AdviceOut, PolicyOut
from services.penalties.case_file.domain.roles import AGREE, READ
from services.penalties.case_file.schemas import Day
from services.penalties.case_file.use_cases.access import own_case
from shared.http import Router, Tx, allow

router = Router(tags=["advice"])


@router.get("/cases/{case_id}/recommendation")
@allow(*AGREE, guard=own_case)
async def read_recommendation(tx: Tx, case_id: UUID, parent_id: Annotated[UUID, Query()]) -> AdviceOut:
    """What named rules recommend about one parent: a penalty notice, a prosecution or neither. It is advice; the named officer decides."""
    return AdviceOut.model_validate(await use_cases.advise(tx, case_id, parent_id))


@router.get("/policy")
@allow(*READ)
async def read_policy(
    la_code: Annotated[str, Query(pattern=r"^[0-9]{3}$")], on: Annotated[Day | None, Query(description="Default: today")] = None
) -> PolicyOut:
    """The code of conduct and the dated values that bind an authority on a day, each with its source. Nothing here is about a person."""
    return PolicyOut.model_validate(use_cases.read_policy(la_code, on))
