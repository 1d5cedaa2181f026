"""Events about court files."""

from services.penalties.court_files import use_cases
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")
handlers.on(ProsecutionFileOpened)(use_cases.record_court_file)
handlers.on(ProsecutionCharged)(use_cases.record_charge)
handlers.on(ProsecutionConcluded)(use_cases.record_conclusion)
handlers.on(ProsecutionWithdrawn)(use_cases.record_withdrawal)
