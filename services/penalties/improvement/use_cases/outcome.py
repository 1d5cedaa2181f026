"""Record how a Notice to Improve ended."""

from typing import Any
from uuid import UUID

from services.penalties.case_file.repository.notices import improvement_notice_row
from services.penalties.case_file.use_cases.close import close_if_ended
from services.penalties.case_file.use_cases.load import improvement_notice_of, load_case
from services.penalties.case_file.use_cases.problems import NoticeNotFound, Refused, require
from services.penalties.improvement.domain import ImprovementOutcome, move_improvement_notice, outcome_refusals
from services.penalties.improvement.repository import update_improvement_notice
from services.penalties.improvement.use_cases.read import read_improvement_notice
from shared import clock
from shared.contracts.penalties import ImprovementEnded
from shared.database import Transaction
from shared.http import CallerInfo
from shared.messaging import publish


class OutcomeRefused(Refused):
    """This outcome cannot be recorded now."""


async def end_improvement_notice(
    tx: Transaction, caller: CallerInfo, notice_id: UUID, *, outcome: ImprovementOutcome, reason: str
) -> dict[str, Any]:
    """Record the outcome that a named person found; when every notice of the case was met, the case closes."""
    person, today = caller.person(), clock.today()
    found = await improvement_notice_row(tx, notice_id)
    if found is None:
        raise NoticeNotFound
    case = await load_case(tx, found.case_id, lock=True)
    row = await improvement_notice_row(tx, notice_id, lock=True)
    assert row is not None  # noqa: S101 -- notices are never deleted
    require(outcome_refusals(improvement_notice_of(row), outcome, today), OutcomeRefused)
    ended = {
        "status": move_improvement_notice(row.status, outcome),
        "ended_on": today,
        "outcome_reason": reason,
        "ended_by": person,
        "ended_by_role": caller.role,
    }
    await update_improvement_notice(tx, notice_id, **ended)
    said = ImprovementEnded(
        notice_id=notice_id, case_id=row.case_id, pupil_id=row.pupil_id, parent_id=row.parent_id, outcome=outcome, ended_on=today
    )
    await publish(tx, said)
    if outcome in {"met", "cancelled"}:
        await close_if_ended(tx, case.id)
    return await read_improvement_notice(tx, notice_id)
