"""Service of a notice, whichever kind it is of."""

from services.penalties.use_cases.improvement_notices import serve_improvement_notice
from services.penalties.use_cases.penalty_notices import serve_penalty_notice
from shared.contracts.notifications import NoticeServed
from shared.database import Transaction


async def note_service(tx: Transaction, event: NoticeServed) -> None:
    """Note how and when a notice reached the parent; letters that are none of ours (a school's own) pass by."""
    _ = await serve_improvement_notice(tx, event) or await serve_penalty_notice(tx, event)
