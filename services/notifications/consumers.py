"""The events that this service consumes."""

from services.notifications.use_cases import school_messages
from services.notifications.use_cases.letters import request
from shared.attendance.successions import store_succession
from shared.contracts.penalties import CaseDecided, NoticeIssued, NoticeWithdrawn, PaymentReceived
from shared.contracts.registers import LeaveDecided, SuccessionChanged
from shared.contracts.thresholds import ThresholdApproaching, ThresholdMet
from shared.database import Transaction
from shared.messaging import EventHandlers

consumers = EventHandlers("notifications")


@consumers.on(NoticeIssued)
async def notice_issued(tx: Transaction, event: NoticeIssued) -> None:
    """A notice was issued: its letter is to be made and posted."""
    await request.request_notice_letter(tx, event)


@consumers.on(NoticeWithdrawn)
async def notice_withdrawn(tx: Transaction, event: NoticeWithdrawn) -> None:
    """A notice was withdrawn: the parent gets written notice."""
    await request.announce_withdrawal(tx, event)


@consumers.on(PaymentReceived)
async def payment_received(tx: Transaction, event: PaymentReceived) -> None:
    """Money arrived: once the notice is paid in full the parent gets a receipt."""
    await request.acknowledge_payment(tx, event)


@consumers.on(ThresholdApproaching)
async def threshold_approaching(tx: Transaction, event: ThresholdApproaching) -> None:
    """A pupil comes near the threshold: the school gets a message, so that it can offer support early."""
    await school_messages.add_message_of_approach(tx, event)


@consumers.on(ThresholdMet)
async def threshold_met(tx: Transaction, event: ThresholdMet) -> None:
    """A pupil met the threshold: the school gets a message."""
    await school_messages.add_message_of_threshold(tx, event)


@consumers.on(CaseDecided)
async def case_decided(tx: Transaction, event: CaseDecided) -> None:
    """A case was decided, or a referral answered: the school gets a message of what the authority did."""
    await school_messages.add_message_of_decision(tx, event)


@consumers.on(LeaveDecided)
async def leave_decided(tx: Transaction, event: LeaveDecided) -> None:
    """Leave was granted or refused: every parent gets a letter."""
    await request.announce_leave_decision(tx, event)


@consumers.on(SuccessionChanged)
async def succession_changed(tx: Transaction, event: SuccessionChanged) -> None:
    """A school continues another: it may see the letters and messages of its predecessor."""
    await store_succession(tx, event)
