"""Close a case, and open it again."""

from services.penalties.case_file.domain.cases import SETS_ASIDE, CaseOutcome, move_case
from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.repository.cases import another_is_open, store_opened_again, store_outcome
from services.penalties.projections.repository import delete_marks
from shared import clock
from shared.contracts.penalties import CaseClosed, CaseOpened
from shared.database import Transaction, all_rows_visible
from shared.messaging import publish


async def close_case(tx: Transaction, case: CaseFile, outcome: CaseOutcome, revision: int) -> None:
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
    closed = CaseClosed.of(case, case_id=case.id, outcome=outcome, closed_on=today, set_aside_to=set_aside_to, revision=revision)
    await publish(tx, closed)


async def open_case_again(tx: Transaction, case: CaseFile, revision: int) -> None:
    """Open a locked case again in which a matter has not ended any more, or someone has become a parent."""
    await store_opened_again(tx, case.id, move_case(case.status, "open"))
    await publish(tx, CaseOpened.of(case, case_id=case.id, revision=revision))
