"""Events that start or change the period of a Notice to Improve."""

from services.penalties.improvement.use_cases import periods
from shared.contracts.notifications import NoticeServed
from shared.contracts.registers import CalendarChanged
from shared.database import Transaction
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")


@handlers.on(CalendarChanged)
async def calendar_changed(tx: Transaction, event: CalendarChanged) -> None:
    """Compute anew the periods of running Notices to Improve that count by this calendar."""
    await periods.update_periods_of_school(tx, event.school)


@handlers.on(NoticeServed)
async def notice_served(tx: Transaction, event: NoticeServed) -> None:
    """Start the weeks of a Notice to Improve."""
    await periods.serve_improvement_notice(tx, event)
