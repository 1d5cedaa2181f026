"""Close a case."""

from uuid import UUID

from services.penalties.case_file.domain.cases import SETS_ASIDE, CaseOutcome, case_outcome, move_case
from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.repository.cases import another_is_open, store_outcome
from services.penalties.case_file.use_cases.load import load_case_file
from services.penalties.projections.repository import delete_marks
from shared import clock
from shared.contracts.penalties import CaseClosed
from shared.database import Transaction, all_rows_visible
from shared.messaging import publish


async def close_if_ended(tx: Transaction, case_id: UUID) -> None:
    """Close a case once all that was begun in it has come to its end; harmless at any other time."""
    case = await load_case_file(tx, case_id, lock=True)
    outcome = case_outcome(case)
    if outcome is not None:
        await close_case(tx, case, outcome)


async def close_case(tx: Transaction, case: CaseFile, outcome: CaseOutcome) -> None:
    """Close a locked case; without a penalty notice or a charge, the child's counting sessions up to today are set aside.

    But for those that the run of another open case holds: `thresholds` knows them.
    """
    today = clock.today()
    async with all_rows_visible(tx):  # in another school's case
        considered_still = await another_is_open(tx, case.id, case.pupil_id)
    set_aside_to = today if outcome in SETS_ASIDE else None
    await store_outcome(tx, case.id, move_case(case.status, "closed"), outcome, today, set_aside_to)
    if not considered_still:
        await delete_marks(tx, case.pupil_id)
    await publish(tx, CaseClosed.of(case, case_id=case.id, outcome=outcome, closed_on=today, set_aside_to=set_aside_to))
