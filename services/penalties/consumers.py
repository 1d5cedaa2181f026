"""Which use case takes which event; where two parts take one, the lower part is first."""

from services.penalties.case_file.use_cases.matters import follow_parents, follow_threshold
from services.penalties.case_file.use_cases.threshold import meet_threshold, withdraw_threshold
from services.penalties.court_files.use_cases import record_charge, record_conclusion, record_court_file, record_withdrawal
from services.penalties.holds.use_cases import hold_for_changed_mark, hold_for_returned_letter
from services.penalties.improvement.use_cases.periods import follow_calendar, serve_improvement_notice
from services.penalties.notices.use_cases.serve import serve_penalty_notice
from services.penalties.projections.use_cases import decode_amended, store_marks, store_parents, store_roll
from shared.attendance.successions import store_succession
from shared.contracts.notifications import LetterReturned, NoticeServed
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.contracts.registers import CalendarChanged, ParentChanged, RollChanged, SessionRecorded, SuccessionChanged
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdMet, ThresholdWithdrawn
from shared.messaging import EventHandlers

consumers = EventHandlers("penalties")
consumers.on(RollChanged)(store_roll)
consumers.on(RollChanged)(follow_parents)
consumers.on(ParentChanged)(store_parents)
consumers.on(ParentChanged)(follow_parents)
consumers.on(CalendarChanged)(follow_calendar)
consumers.on(SuccessionChanged)(store_succession)
consumers.on_many(SessionRecorded, decode=decode_amended)(store_marks)
consumers.on(ThresholdMet)(meet_threshold)
consumers.on(ThresholdMet)(follow_threshold)
consumers.on(ThresholdWithdrawn)(withdraw_threshold)
consumers.on(ReliedOnMarkChanged)(hold_for_changed_mark)
consumers.on(LetterReturned)(hold_for_returned_letter)
consumers.on(NoticeServed)(serve_improvement_notice)
consumers.on(NoticeServed)(serve_penalty_notice)
consumers.on(ProsecutionFileOpened)(record_court_file)
consumers.on(ProsecutionCharged)(record_charge)
consumers.on(ProsecutionConcluded)(record_conclusion)
consumers.on(ProsecutionWithdrawn)(record_withdrawal)
