"""Events about court files."""

from services.penalties.court_files import use_cases
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.database import Transaction
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")


@handlers.on(ProsecutionFileOpened)
async def prosecution_file_opened(tx: Transaction, event: ProsecutionFileOpened) -> None:
    """The case waits for the court."""
    await use_cases.record_court_file(tx, event)


@handlers.on(ProsecutionCharged)
async def prosecution_charged(tx: Transaction, event: ProsecutionCharged) -> None:
    """Sessions are spent against the parent."""
    await use_cases.record_charge(tx, event)


@handlers.on(ProsecutionConcluded)
async def prosecution_concluded(tx: Transaction, event: ProsecutionConcluded) -> None:
    """The court decided."""
    await use_cases.record_conclusion(tx, event)


@handlers.on(ProsecutionWithdrawn)
async def prosecution_withdrawn(tx: Transaction, event: ProsecutionWithdrawn) -> None:
    """The authority gave a file up."""
    await use_cases.record_withdrawal(tx, event)
