"""Events that this service takes."""

from services.notifications import use_cases
from shared.contracts.penalties import CaseDecided, NoticeIssued, NoticeWithdrawn, PaymentReceived
from shared.contracts.registers import LeaveDecided, SuccessionChanged
from shared.contracts.thresholds import ThresholdApproaching, ThresholdMet
from shared.database import Transaction
from shared.messaging import EventHandlers

consumers = EventHandlers("notifications")


@consumers.on(NoticeIssued)
async def notice_issued(tx: Transaction, event: NoticeIssued) -> None:
    """A notice was issued: its letter is to be made and posted."""
    await use_cases.request_notice_letter(tx, event)


@consumers.on(NoticeWithdrawn)
async def notice_withdrawn(tx: Transaction, event: NoticeWithdrawn) -> None:
    """A notice was withdrawn: the parent is told in writing."""
    await use_cases.announce_withdrawal(tx, event)


@consumers.on(PaymentReceived)
async def payment_received(tx: Transaction, event: PaymentReceived) -> None:
    """Money arrived: once the notice is paid in full the parent gets a receipt."""
    await use_cases.acknowledge_payment(tx, event)


@consumers.on(ThresholdApproaching)
async def threshold_approaching(tx: Transaction, event: ThresholdApproaching) -> None:
    """A pupil comes near the threshold: the school is told, so that it can offer support early."""
    await use_cases.tell_of_approach(tx, event)


@consumers.on(ThresholdMet)
async def threshold_met(tx: Transaction, event: ThresholdMet) -> None:
    """A pupil met the threshold: the school is told."""
    await use_cases.tell_of_threshold(tx, event)


@consumers.on(CaseDecided)
async def case_decided(tx: Transaction, event: CaseDecided) -> None:
    """A case was decided, or a referral answered: the school is told of what the authority did."""
    await use_cases.tell_of_decision(tx, event)


@consumers.on(LeaveDecided)
async def leave_decided(tx: Transaction, event: LeaveDecided) -> None:
    """Leave was granted or refused: every parent is told in writing."""
    await use_cases.announce_leave_decision(tx, event)


@consumers.on(SuccessionChanged)
async def succession_changed(tx: Transaction, event: SuccessionChanged) -> None:
    """A school continues another: what was that one's is its own to see."""
    await use_cases.keep_succession(tx, event)
