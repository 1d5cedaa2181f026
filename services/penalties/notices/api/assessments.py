"""Assessing a notice without storing anything."""

from services.penalties.notices.schemas.assessments import AssessmentIn, AssessmentOut
from services.penalties.notices.use_cases import assess
from shared.http import Caller, Router, allow

router = Router(tags=["penalty notices"])


@router.post("/penalty-notices/assessments")
@allow("aco", "acsa", "accredited", "business-support", "manager", "school", "service", transaction=False)
async def assess_notice(caller: Caller, body: AssessmentIn) -> AssessmentOut:
    """Return which tier and amounts a notice would have, and its dates if it were posted on `posted_on`. Nothing is stored.

    The limits of the caller's authority apply; without one, those of the installation.
    """
    earlier = [notice.as_fact() for notice in body.earlier]
    assessed = assess.assess_notice(caller.la_code or "", body.kind, body.proposed_on, body.period, earlier, body.posted_on, body.served_by)
    return AssessmentOut.of(assessed)
