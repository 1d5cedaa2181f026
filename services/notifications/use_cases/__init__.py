"""What the service does: takes wishes for letters, makes, posts and follows them, and answers questions about them."""

from services.notifications.use_cases.making import make_letters
from services.notifications.use_cases.posting import follow_letters, post_letters
from services.notifications.use_cases.reading import letters_page, may_see_letter, read_letter, read_pdf, school_messages
from services.notifications.use_cases.requests import (
    acknowledge_payment,
    announce_leave_decision,
    announce_withdrawal,
    keep_succession,
    request_notice_letter,
    tell_of_approach,
    tell_of_decision,
    tell_of_threshold,
)
from services.notifications.use_cases.returns import check_callback, retry_letter, take_return

__all__ = [
    "acknowledge_payment", "announce_leave_decision", "announce_withdrawal", "check_callback", "follow_letters", "keep_succession", "letters_page", "make_letters", "may_see_letter", "post_letters",
    "read_letter", "read_pdf", "request_notice_letter", "retry_letter", "school_messages", "take_return", "tell_of_approach", "tell_of_decision", "tell_of_threshold",
]  # fmt: skip
