"""Events about court files."""

from services.penalties.court_files import use_cases
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.database import Transaction
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")


@handlers.on(ProsecutionFileOpened)
async def prosecution_file_opened(tx: Transaction, event: ProsecutionFileOpened) -> None:
    """Store the court file: the case waits for the court."""
    await use_cases.record_court_file(tx, event)


@handlers.on(ProsecutionCharged)
async def prosecution_charged(tx: Transaction, event: ProsecutionCharged) -> None:
    """Store the charge: its sessions are spent against the parent."""
    await use_cases.record_charge(tx, event)


@handlers.on(ProsecutionConcluded)
async def prosecution_concluded(tx: Transaction, event: ProsecutionConcluded) -> None:
    """Store the court's decision, and close the case if it ends with it."""
    await use_cases.record_conclusion(tx, event)


@handlers.on(ProsecutionWithdrawn)
async def prosecution_withdrawn(tx: Transaction, event: ProsecutionWithdrawn) -> None:
    """Store that the authority gave a file up, and close the case if it ends with it."""
    await use_cases.record_withdrawal(tx, event)
