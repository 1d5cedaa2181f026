"""The events that this service consumes."""

from services.prosecutions.use_cases import event_reactions, opening
from shared.contracts.notifications import LetterReturned, NoticeServed
from shared.contracts.penalties import CaseDecided, NoticeWithdrawn, PaymentOverdue, PaymentReceived
from shared.contracts.registers import RollChanged
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdWithdrawn
from shared.database import Transaction
from shared.messaging import EventHandlers

consumers = EventHandlers("prosecutions")


@consumers.on(PaymentOverdue)
async def payment_overdue(tx: Transaction, event: PaymentOverdue) -> None:
    """A notice was not paid in time: a draft file is opened."""
    await opening.open_for_unpaid_notice(tx, event)


@consumers.on(CaseDecided)
async def case_decided(tx: Transaction, event: CaseDecided) -> None:
    """The authority agreed to a prosecution without a notice: a draft file for each parent is opened."""
    await opening.open_for_referral(tx, event)


@consumers.on(PaymentReceived)
async def payment_received(tx: Transaction, event: PaymentReceived) -> None:
    """Money arrived: a parent who has paid is not prosecuted."""
    await event_reactions.record_payment(tx, event)


@consumers.on(NoticeWithdrawn)
async def notice_withdrawn(tx: Transaction, event: NoticeWithdrawn) -> None:
    """A notice was withdrawn: its file stops."""
    await event_reactions.stop_on_withdrawn_notice(tx, event)


@consumers.on(ReliedOnMarkChanged)
async def relied_on_mark_changed(tx: Transaction, event: ReliedOnMarkChanged) -> None:
    """A mark that a file relies on changed: the file is held until an officer clears it."""
    await event_reactions.hold_on_changed_mark(tx, event)


@consumers.on(ThresholdWithdrawn)
async def threshold_withdrawn(tx: Transaction, event: ThresholdWithdrawn) -> None:
    """The threshold was withdrawn: the pupil's files are held."""
    await event_reactions.hold_on_withdrawn_threshold(tx, event)


@consumers.on(NoticeServed)
async def notice_served(tx: Transaction, event: NoticeServed) -> None:
    """A notice was served, perhaps later than was known: then its file is held."""
    await event_reactions.hold_on_later_receipt(tx, event)


@consumers.on(LetterReturned)
async def letter_returned(tx: Transaction, event: LetterReturned) -> None:
    """The letter came back: the file is held."""
    await event_reactions.hold_on_returned_letter(tx, event)


@consumers.on(RollChanged)
async def roll_changed(tx: Transaction, event: RollChanged) -> None:
    """A pupil's UPN or rolls changed: files are found by every UPN of the pupil."""
    await event_reactions.store_pupil(tx, event)
