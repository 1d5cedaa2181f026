"""Which use case takes which event."""

from services.thresholds.use_cases import register_events, registers, reliances, rolls, schools
from shared.contracts.penalties import CaseClosed, NoticeIssued, NoticeWithdrawn
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.contracts.registers import CalendarChanged, RollChanged, SessionRecorded, SessionRecordedV2, SuccessionChanged
from shared.messaging import EventHandlers

consumers = EventHandlers("thresholds")
consumers.on_many(SessionRecorded, decode=register_events.decode)(registers.record_sessions)
consumers.on_many(SessionRecordedV2, decode=register_events.decode_compact)(registers.record_sessions)
consumers.on_many(RollChanged)(rolls.change_rolls)
consumers.on(CalendarChanged)(schools.change_calendar)
consumers.on(SuccessionChanged)(schools.change_succession)
consumers.on(NoticeIssued)(reliances.issue_notice)
consumers.on(NoticeWithdrawn)(reliances.withdraw_notice)
consumers.on(CaseClosed)(reliances.close_case)
consumers.on(ProsecutionFileOpened)(reliances.open_file)
consumers.on(ProsecutionCharged)(reliances.charge)
consumers.on(ProsecutionConcluded)(reliances.conclude)
consumers.on(ProsecutionWithdrawn)(reliances.withdraw_file)
