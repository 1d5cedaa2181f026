"""Events that open a case and keep it current."""

from services.penalties.case_file.use_cases import threshold
from shared.contracts.thresholds import ThresholdMet, ThresholdWithdrawn
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")
handlers.on(ThresholdMet)(threshold.meet_threshold)
handlers.on(ThresholdWithdrawn)(threshold.withdraw_threshold)
