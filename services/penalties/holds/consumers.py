"""Events that stop a notice."""

from services.penalties.holds import use_cases
from shared.contracts.notifications import LetterReturned
from shared.contracts.thresholds import ReliedOnMarkChanged
from shared.database import Transaction
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")


@handlers.on(ReliedOnMarkChanged)
async def relied_on_mark_changed(tx: Transaction, event: ReliedOnMarkChanged) -> None:
    """What rests on the mark stops."""
    await use_cases.hold_for_changed_mark(tx, event)


@handlers.on(LetterReturned)
async def letter_returned(tx: Transaction, event: LetterReturned) -> None:
    """The clocks stop."""
    await use_cases.hold_for_returned_letter(tx, event)
