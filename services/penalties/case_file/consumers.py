"""Events that open a case and keep it current."""

from services.penalties.case_file.use_cases import threshold
from shared.contracts.thresholds import ThresholdMet, ThresholdWithdrawn
from shared.database import Transaction
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")


@handlers.on(ThresholdMet)
async def threshold_met(tx: Transaction, event: ThresholdMet) -> None:
    """Open a case, which is the duty to consider, or bring the open one up to date."""
    await threshold.meet_threshold(tx, event)


@handlers.on(ThresholdWithdrawn)
async def threshold_withdrawn(tx: Transaction, event: ThresholdWithdrawn) -> None:
    """Store that amendments took the count below the threshold."""
    await threshold.withdraw_threshold(tx, event)
