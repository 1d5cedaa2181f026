"""Events that stop a notice."""

from services.penalties.holds import use_cases
from shared.contracts.notifications import LetterReturned
from shared.contracts.thresholds import ReliedOnMarkChanged
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")
handlers.on(ReliedOnMarkChanged)(use_cases.hold_for_changed_mark)
handlers.on(LetterReturned)(use_cases.hold_for_returned_letter)
