"""Events that change what is stored of other services."""

from services.penalties.projections import use_cases
from shared.attendance.successions import store_succession
from shared.contracts.registers import CalendarChanged, ParentChanged, RollChanged, SessionRecorded, SuccessionChanged
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")
handlers.on(RollChanged)(use_cases.store_roll)
handlers.on(ParentChanged)(use_cases.store_parents)
handlers.on(CalendarChanged)(use_cases.store_calendar)
handlers.on(SuccessionChanged)(store_succession)
handlers.on_many(SessionRecorded, decode=use_cases.decode_amended)(use_cases.store_marks)
