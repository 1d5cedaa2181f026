"""Facts from other services become wishes for letters, in the same transaction."""

from typing import Any
from uuid import UUID, uuid5

from services.notifications import repository
from services.notifications.domain import Kind
from shared import clock
from shared.attendance.successions import store_succession
from shared.contracts.penalties import CaseDecided, NoticeIssued, NoticeWithdrawn, PaymentReceived
from shared.contracts.registers import LeaveDecided, SuccessionChanged
from shared.contracts.thresholds import ThresholdApproaching, ThresholdMet
from shared.database import Transaction
from shared.ids import new_id
from shared.problems import NotFound


class NoticeUnknown(NotFound):
    """No letter of this notice is known."""


async def request_notice_letter(tx: Transaction, event: NoticeIssued) -> None:
    """Ask for the letter that is the notice."""
    await _request(tx, event.kind, event.notice_id, event.parent_id, event.pupil_id, event.urn, event.la_code, {"kind": event.kind})


async def announce_withdrawal(tx: Transaction, event: NoticeWithdrawn) -> None:
    """Stop the notice's own letter if it has not left, and tell the parent in writing (SI 2007/1867)."""
    await repository.cancel_unsent(tx, event.notice_id)
    facts = {"kind": event.kind, "ground": event.ground, "withdrawn_on": event.withdrawn_on}
    await _follow_up(tx, "withdrawal", event.notice_id, facts)


async def acknowledge_payment(tx: Transaction, event: PaymentReceived) -> None:
    """Ask for a receipt once the notice is paid in full."""
    if event.discharged:
        facts = {"kind": "penalty-notice", "paid_pence": event.paid_pence, "counted_on": event.counted_on}
        await _follow_up(tx, "receipt", event.notice_id, facts)


async def announce_leave_decision(tx: Transaction, event: LeaveDecided) -> None:
    """Ask for a letter to each parent about leave that was granted or refused."""
    for parent_id in event.parent_ids:
        facts = {"kind": "leave-decision", "outcome": event.outcome}
        await _request(tx, "leave-decision", event.leave_id, parent_id, event.pupil_id, event.urn, event.la_code, facts)


async def tell_of_approach(tx: Transaction, event: ThresholdApproaching) -> None:
    """Tell the school, each time anew, that a pupil's absences have come near the threshold."""
    about = uuid5(event.pupil_id, f"threshold-approaching {event.revision}")
    await _tell(tx, "threshold-approaching", about, event, {"count": event.count, "latest": event.latest.model_dump()})


async def tell_of_decision(tx: Transaction, event: CaseDecided) -> None:
    """Tell the school what the authority decided in a case, or answered to a referral; what the school decided itself it knows."""
    if event.decided_by_role == "school":
        return
    said = event.model_dump(include={"case_id", "stage", "decision", "agreed", "recommendation", "decided_on", "decided_by_role"})
    await _tell(tx, "case-decided", event.decision_id, event, said)


async def tell_of_threshold(tx: Transaction, event: ThresholdMet) -> None:
    """Tell the school, once for each run, that a pupil has met the threshold."""
    facts = {
        "met_at": event.met_at.model_dump(),
        "window": event.window.model_dump(),
        "holiday": event.holiday,
        "count": len(event.sessions),
    }
    await _tell(tx, "threshold-met", event.run_id, event, facts)


async def keep_succession(tx: Transaction, event: SuccessionChanged) -> None:
    """Store which schools a school continues: it may see what was theirs."""
    await store_succession(tx, event)


async def _tell(
    tx: Transaction, kind: str, about: UUID, event: ThresholdApproaching | ThresholdMet | CaseDecided, facts: dict[str, Any]
) -> None:
    place = {"urn": event.urn, "la_code": event.la_code, "pupil_id": event.pupil_id}
    await repository.tell_school(tx, id=new_id(), kind=kind, about=about, **place, facts=facts, told_at=clock.now())


async def _follow_up(tx: Transaction, kind: Kind, notice_id: UUID, facts: dict[str, Any]) -> None:
    notice = await repository.notice_letter(tx, notice_id)
    if notice is None:
        raise NoticeUnknown
    await _request(tx, kind, notice_id, notice.parent_id, notice.pupil_id, notice.urn, notice.la_code, facts)


async def _request(
    tx: Transaction, kind: Kind, about: UUID, parent_id: UUID, pupil_id: UUID, urn: int, la_code: str, facts: dict[str, Any]
) -> None:
    now = clock.now()
    await repository.add_letter(
        tx,
        id=new_id(),
        kind=kind,
        about=about,
        parent_id=parent_id,
        pupil_id=pupil_id,
        urn=urn,
        la_code=la_code,
        facts=facts,
        channel="post",
        status="requested",
        requested_at=now,
        next_attempt_at=now,
    )
