"""Record how a Notice to Improve ended."""

from dataclasses import replace
from uuid import UUID

from services.penalties.case_file.domain.notices import ImprovementNotice
from services.penalties.case_file.repository.notices import save_notice
from services.penalties.case_file.use_cases.lock import lock_notice
from services.penalties.case_file.use_cases.matters import judge_matters
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
    """Record the outcome that a named person found; one that was met ends the parent's matter."""
    caller.person()
    notice = await lock_notice(tx, ImprovementNotice, notice_id)
    require(outcome_refusals(notice, outcome, clock.today()), OutcomeRefused)
    await store_improvement_outcome(tx, caller, notice, outcome, reason)
    await judge_matters(tx, notice.case_id)
    return await show_improvement_notice(tx, notice_id)


async def store_improvement_outcome(
    tx: Transaction, caller: CallerInfo, notice: ImprovementNotice, outcome: ImprovementOutcome, reason: str
) -> None:
    """Store and publish how a Notice to Improve, whose case is locked, ended."""
    status, today = move_improvement_notice(notice.status, outcome), clock.today()
    ended = replace(notice, status=status, ended_on=today, outcome_reason=reason, ended_by=caller.person(), ended_by_role=caller.role)
    await save_notice(tx, ended)
    await publish(tx, ImprovementEnded.of(ended, notice_id=notice.id, outcome=outcome))
