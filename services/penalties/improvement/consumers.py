"""Events that start or change the period of a Notice to Improve."""

from services.penalties.improvement.use_cases import periods
from shared.contracts.notifications import NoticeServed
from shared.contracts.registers import CalendarChanged
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")
handlers.on(CalendarChanged)(periods.update_periods_of_school)
handlers.on(NoticeServed)(periods.serve_improvement_notice)
