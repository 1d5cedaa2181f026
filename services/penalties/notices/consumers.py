"""Events that start the clocks of a penalty notice."""

from services.penalties.notices.use_cases import serve
from shared.contracts.notifications import NoticeServed
from shared.database import Transaction
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")


@handlers.on(NoticeServed)
async def notice_served(tx: Transaction, event: NoticeServed) -> None:
    """Start the clocks of a penalty notice."""
    await serve.serve_penalty_notice(tx, event)
