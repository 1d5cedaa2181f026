"""What the service does: load, decide, store, say."""

from services.thresholds.use_cases.facts import change_calendar, change_rolls, keep_succession, record_sessions
from services.thresholds.use_cases.reading import (
    Asked,
    PupilNotFound,
    explain_threshold,
    judgements,
    list_standings,
    may_see_pupil,
    read_judged,
    read_threshold,
)
from services.thresholds.use_cases.recomputing import recompute, stored_that_differ
from services.thresholds.use_cases.reliance import (
    charge,
    close_case,
    conclude,
    issue_notice,
    open_file,
    withdraw_file,
    withdraw_notice,
)
from services.thresholds.use_cases.told import Told, read_told

__all__ = [
    "Asked",
    "PupilNotFound",
    "Told",
    "change_calendar",
    "change_rolls",
    "charge",
    "close_case",
    "conclude",
    "explain_threshold",
    "issue_notice",
    "judgements",
    "keep_succession",
    "list_standings",
    "may_see_pupil",
    "open_file",
    "read_judged",
    "read_threshold",
    "read_told",
    "recompute",
    "record_sessions",
    "stored_that_differ",
    "withdraw_file",
    "withdraw_notice",
]
