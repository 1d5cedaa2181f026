"""Events that stop a notice."""

from services.penalties.holds import use_cases
from shared.contracts.notifications import LetterReturned
from shared.contracts.thresholds import ReliedOnMarkChanged
from shared.database import Transaction
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")


@handlers.on(ReliedOnMarkChanged)
async def relied_on_mark_changed(tx: Transaction, event: ReliedOnMarkChanged) -> None:
    """Stop every notice that relies on the mark."""
    await use_cases.hold_for_changed_mark(tx, event)


@handlers.on(LetterReturned)
async def letter_returned(tx: Transaction, event: LetterReturned) -> None:
    """Stop the notice whose letter came back."""
    await use_cases.hold_for_returned_letter(tx, event)
