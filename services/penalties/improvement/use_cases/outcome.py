"""Record how a Notice to Improve ended."""

from dataclasses import replace
from uuid import UUID

from services.penalties.case_file.domain.notices import ImprovementNotice
from services.penalties.case_file.repository.notices import save_notice
from services.penalties.case_file.use_cases.close import close_if_ended
from services.penalties.case_file.use_cases.lock import lock_notice
from services.penalties.case_file.use_cases.problems import Refused, require
from services.penalties.improvement.domain import ImprovementOutcome, move_improvement_notice, outcome_refusals
from services.penalties.improvement.use_cases.read import ShownImprovementNotice, show_improvement_notice
from shared import clock
from shared.contracts.penalties import ImprovementEnded
from shared.database import Transaction
from shared.http import CallerInfo
from shared.messaging import publish


class OutcomeRefused(Refused):
    """This outcome cannot be recorded now."""


async def end_improvement_notice(
    tx: Transaction, caller: CallerInfo, notice_id: UUID, *, outcome: ImprovementOutcome, reason: str
) -> ShownImprovementNotice:
    """Record the outcome that a named person found; when every notice of the case was met, the case closes."""
    person, today = caller.person(), clock.today()
    notice = await lock_notice(tx, ImprovementNotice, notice_id)
    require(outcome_refusals(notice, outcome, today), OutcomeRefused)
    status = move_improvement_notice(notice.status, outcome)
    ended = replace(notice, status=status, ended_on=today, outcome_reason=reason, ended_by=person, ended_by_role=caller.role)
    await save_notice(tx, ended)
    await publish(tx, ImprovementEnded.of(ended, notice_id=notice.id, outcome=outcome))
    if outcome in {"met", "cancelled"}:
        await close_if_ended(tx, notice.case_id)
    return await show_improvement_notice(tx, notice_id)
