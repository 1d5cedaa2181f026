"""Which use case takes which event."""

from services.notifications.use_cases import court_files, school_messages
from services.notifications.use_cases.letters import give_up, request
from shared.attendance.successions import store_succession
from shared.contracts.penalties import CaseDecided, NoticeIssued, NoticeWithdrawn, PaymentReceived
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.contracts.registers import LeaveDecided, SuccessionChanged
from shared.contracts.thresholds import ThresholdApproaching, ThresholdMet
from shared.messaging import EventHandlers

consumers = EventHandlers("notifications")
consumers.on(NoticeIssued)(request.request_notice_letter)
consumers.on(NoticeWithdrawn)(request.announce_withdrawal)
consumers.on(PaymentReceived)(request.acknowledge_payment)
consumers.on_dismissal(NoticeIssued, give_up.show_notice_letter)
consumers.on_dismissal(NoticeWithdrawn, give_up.show_announcement)
consumers.on_dismissal(PaymentReceived, give_up.show_receipt)
consumers.on_dismissal(LeaveDecided, give_up.show_leave_letters)
consumers.on(ThresholdApproaching)(school_messages.add_message_of_approach)
consumers.on(ThresholdMet)(school_messages.add_message_of_threshold)
consumers.on(CaseDecided)(school_messages.add_message_of_decision)
consumers.on(LeaveDecided)(request.announce_leave_decision)
consumers.on(SuccessionChanged)(store_succession)
consumers.on(ProsecutionFileOpened)(court_files.record_opened_file)
consumers.on(ProsecutionCharged)(court_files.record_charge)
consumers.on(ProsecutionConcluded)(court_files.record_conclusion)
consumers.on(ProsecutionWithdrawn)(court_files.record_withdrawn_file)
