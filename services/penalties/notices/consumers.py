"""Events that start the clocks of a penalty notice."""

from services.penalties.notices.use_cases import serve
from shared.contracts.notifications import NoticeServed
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")
handlers.on(NoticeServed)(serve.serve_penalty_notice)
