"""Opening a case by hand."""

from fastapi import Request

from services.penalties.case_file.domain.roles import DECIDE
from services.penalties.openings import use_cases
from services.penalties.openings.schemas import CaseIn, OpenedCaseOut
from shared.http import Caller, Db, Router, allow, keep_answer

router = Router(tags=["cases"])


@router.post("/cases", status_code=201)
@allow(*DECIDE, transaction=False)
async def open_case(request: Request, database: Db, caller: Caller, body: CaseIn) -> OpenedCaseOut:
    """Open a case by hand, for a named person's reason, beside any other of the child.

    Below the threshold only where the policy of the school's authority allows it, and the case is marked so. A case of an excluded pupil cannot
    be opened yet.
    """
    asked = body.request()
    standing = await use_cases.ask_standing(database, caller, asked)
    async with database.begin() as tx:
        opened = OpenedCaseOut.model_validate(await use_cases.open_by_hand(tx, caller, asked, standing))
        await keep_answer(tx, request, opened, 201)
    return opened
