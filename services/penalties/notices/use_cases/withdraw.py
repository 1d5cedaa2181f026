"""Withdraw a penalty notice."""

from typing import Any, Literal
from uuid import UUID

from services.penalties.case_file.repository.notices import penalty_notice_row
from services.penalties.case_file.use_cases.close import close_if_ended
from services.penalties.case_file.use_cases.lock import lock_notice
from services.penalties.case_file.use_cases.problems import Refused
from services.penalties.law import law_of
from services.penalties.money.repository import is_charged, owed_back
from services.penalties.money.use_cases import owe_back, settlement_of
from services.penalties.notices.domain.penalty_notices import move_penalty_notice
from services.penalties.notices.repository import update_penalty_notice
from shared import clock
from shared.contracts.penalties import NoticeWithdrawn
from shared.database import Transaction
from shared.http import CallerInfo
from shared.messaging import publish

Ground = Literal["outside-code", "wrong-person", "material-error", "no-proceedings"]


class NoticeAlreadyWithdrawn(Refused):
    """The notice is withdrawn already."""


class WithdrawalRefused(Refused):
    """The notice cannot be withdrawn on this ground now."""


async def withdraw_notice(tx: Transaction, caller: CallerInfo, notice_id: UUID, ground: Ground, reason: str) -> tuple[Any, int]:
    """Withdraw a notice; what was paid is owed back in full. Returns the notice and what is owed back, in pence.

    SI 2007/1867 regs. 8 and 9: it ought not to have been issued, or not to this person, or has material errors; or it is unpaid after
    the period for paying and no proceedings are to follow.
    """
    person, today = caller.person(), clock.today()
    notice = await lock_notice(tx, notice_id)
    await _check(tx, notice, ground)
    restoring = law_of(notice.la_code).at("restoring_grounds", today)
    restores = ground in restoring.value
    finding = restoring.finding(
        "a new notice is possible" if restores else "no new notice for these sessions", ground=ground, withdrawn_on=today
    )
    await update_penalty_notice(
        tx,
        notice_id,
        status=move_penalty_notice(notice.status, "withdrawn"),
        withdrawn_on=today,
        withdrawal_ground=ground,
        withdrawal_reason=reason,
        withdrawn_by=person,
        withdrawn_by_role=caller.role,
        restores=restores,
        findings=[*notice.findings, finding.as_json()],
    )
    withdrawn = await penalty_notice_row(tx, notice_id)
    await owe_back(tx, withdrawn, await settlement_of(tx, withdrawn))
    await publish(tx, _notice_withdrawn(notice, ground, restores=restores))
    await close_if_ended(tx, notice.case_id)
    return withdrawn, await owed_back(tx, notice_id)


async def _check(tx: Transaction, notice: Any, ground: Ground) -> None:
    if notice.status == "withdrawn":
        raise NoticeAlreadyWithdrawn(f"Withdrawn on {notice.withdrawn_on}.")
    if ground != "no-proceedings":
        return
    if notice.status != "overdue":
        raise WithdrawalRefused("Only a notice that is unpaid after the period for paying is withdrawn because no proceedings follow.")
    if await is_charged(tx, notice.id, notice.pupil_id):
        raise WithdrawalRefused("Proceedings over this notice have been begun.")


def _notice_withdrawn(notice: Any, ground: Ground, *, restores: bool) -> NoticeWithdrawn:
    return NoticeWithdrawn(
        notice_id=notice.id,
        kind=notice.kind,
        case_id=notice.case_id,
        pupil_id=notice.pupil_id,
        parent_id=notice.parent_id,
        ground=ground,
        withdrawn_on=clock.today(),
        restores=restores,
    )
