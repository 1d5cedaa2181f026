"""What the service does: opens files, keeps them true to the facts, takes officers' decisions, prints bundles."""

from services.prosecutions.use_cases.bundle import print_bundle
from services.prosecutions.use_cases.deciding import answer_gate, charge, clear, conclude, withdraw
from services.prosecutions.use_cases.following import (
    hold_on_changed_mark,
    hold_on_returned_letter,
    hold_on_withdrawn_threshold,
    note_payment,
    note_pupil,
    note_service,
    stop_on_withdrawn_notice,
)
from services.prosecutions.use_cases.opening import open_for_referral, open_for_unpaid_notice
from services.prosecutions.use_cases.reading import FileDetail, assess_limits, files_page, may_see_file, read_file

__all__ = [
    "FileDetail", "answer_gate", "assess_limits", "charge", "clear", "conclude", "files_page", "hold_on_changed_mark",
    "hold_on_returned_letter", "hold_on_withdrawn_threshold", "may_see_file", "note_payment", "note_pupil", "note_service", "open_for_referral", "open_for_unpaid_notice",
    "print_bundle", "read_file", "stop_on_withdrawn_notice", "withdraw",
]  # fmt: skip
