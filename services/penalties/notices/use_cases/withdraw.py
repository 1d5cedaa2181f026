"""Withdraw a penalty notice."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.repository.notices import save_notice
from services.penalties.case_file.use_cases.lock import lock_notice
from services.penalties.case_file.use_cases.matters import judge_matters
from services.penalties.case_file.use_cases.problems import Refused
from services.penalties.law import code_findings, law_of
from services.penalties.money.repository import is_charged, owed_back
from services.penalties.money.use_cases import owe_back, settlement_of
from services.penalties.notices.domain.penalty_notices import Ground, move_penalty_notice
from shared import clock
from shared.contracts.penalties import NoticeWithdrawn
from shared.database import Transaction
from shared.http import CallerInfo
from shared.messaging import publish


class NoticeAlreadyWithdrawn(Refused):
    """The notice is withdrawn already."""


class WithdrawalRefused(Refused):
    """The notice cannot be withdrawn on this ground now."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawn notice, and what is owed back to the parent."""

    id: UUID
    reference: str
    status: str
    ground: Ground
    withdrawn_on: date
    refund_due_pence: int


async def withdraw_notice(tx: Transaction, caller: CallerInfo, notice_id: UUID, ground: Ground, reason: str) -> Withdrawal:
    """Withdraw a notice; what was paid is owed back in full.

    SI 2007/1867 regs. 8 and 9: it ought not to have been issued, or not to this person, or has material errors; or it is unpaid after
    the period for paying and no proceedings are to follow.
    """
    person, today = caller.person(), clock.today()
    notice = await lock_notice(tx, PenaltyNotice, notice_id)
    await _check(tx, notice, ground)
    restoring = law_of(notice.la_code).at("restoring_grounds", today)
    restores = ground in restoring.value
    finding = restoring.finding(
        "a new notice is possible" if restores else "no new notice for these sessions", ground=ground, withdrawn_on=today
    )
    # What is judged is whether it ought to have been issued: by the code of the day of issue.
    code = code_findings(notice.la_code, notice.issued_on, "issued outside") if ground == "outside-code" else ()
    withdrawn = replace(
        notice,
        status=move_penalty_notice(notice.status, "withdrawn"),
        withdrawn_on=today,
        withdrawal_ground=ground,
        withdrawal_reason=reason,
        withdrawn_by=person,
        withdrawn_by_role=caller.role,
        restores=restores,
        findings=(*notice.findings, *code, finding.as_json()),
    )
    await save_notice(tx, withdrawn)
    await owe_back(tx, withdrawn, await settlement_of(tx, withdrawn))
    await publish(tx, NoticeWithdrawn.of(withdrawn, notice_id=notice.id, ground=ground))
    await judge_matters(tx, notice.case_id)
    return Withdrawal(notice.id, notice.reference, withdrawn.status, ground, today, await owed_back(tx, notice_id))


async def _check(tx: Transaction, notice: PenaltyNotice, ground: Ground) -> None:
    if notice.status == "withdrawn":
        raise NoticeAlreadyWithdrawn(f"Withdrawn on {notice.withdrawn_on}.")
    if ground != "no-proceedings":
        return
    if notice.status != "overdue":
        raise WithdrawalRefused("Only a notice that is unpaid after the period for paying is withdrawn because no proceedings follow.")
    if await is_charged(tx, notice.id, notice.pupil_id):
        raise WithdrawalRefused("Proceedings over this notice have been begun.")
