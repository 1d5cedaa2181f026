"""How cases end."""

from uuid import UUID

from services.penalties.domain import cases as rules
from services.penalties.domain import facts
from services.penalties.repository import cases, projections
from services.penalties.use_cases.dossiers import load_case
from shared import clock
from shared.contracts.penalties import CaseClosed
from shared.database import Transaction
from shared.messaging import publish


async def close_if_ended(tx: Transaction, case_id: UUID) -> None:
    """Close a case once all that was begun in it has come to its end; harmless at any other time."""
    case = await load_case(tx, case_id, lock=True)
    outcome = rules.ending(case)
    if outcome is not None:
        await close_case(tx, case, outcome)


async def close_case(tx: Transaction, case: facts.Case, outcome: rules.Outcome) -> None:
    """Close a locked case; without a penalty notice or a charge, the child's counting sessions up to today are set aside.

    Unless they are considered still, in a case on another record of the child.
    """
    today = clock.today()
    considered_still = await cases.another_is_open(tx, case.id, case.pupil_id)
    set_aside_to = today if outcome in rules.SETS_ASIDE and not considered_still else None
    status = rules.move(case.status, "closed")
    await cases.update_case(tx, case.id, status=status, closed_on=today, outcome=outcome, set_aside_to=set_aside_to)
    if not considered_still:
        await projections.forget_marks(tx, case.pupil_id)
    closed = CaseClosed(
        case_id=case.id, run_id=case.run_id, pupil_id=case.pupil_id, outcome=outcome, closed_on=today, set_aside_to=set_aside_to
    )
    await publish(tx, closed)
