"""Court files: time limits, gates, states."""

from services.prosecutions.domain.files import (
    TRANSITIONS,
    Obstacle,
    Outdated,
    Status,
    Verdict,
    acquits,
    obstacles_to_charge,
    outdated,
    sources,
)
from services.prosecutions.domain.gates import Answer, Gate, Offence, gates_of
from services.prosecutions.domain.limits import Limits, add_months, last_day_to_charge, split_by_time, time_limits
from services.prosecutions.domain.words import in_words, pounds

__all__ = [
    "TRANSITIONS", "Answer", "Gate", "Limits", "Obstacle", "Offence", "Outdated", "Status", "Verdict", "acquits", "add_months", "gates_of", "in_words",
    "last_day_to_charge", "obstacles_to_charge", "outdated", "pounds", "sources", "split_by_time", "time_limits",
]  # fmt: skip
