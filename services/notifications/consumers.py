"""Which use case takes which event."""

from services.notifications.use_cases import school_messages
from services.notifications.use_cases.letters import request
from shared.attendance.successions import store_succession
from shared.contracts.penalties import CaseDecided, NoticeIssued, NoticeWithdrawn, PaymentReceived
from shared.contracts.registers import LeaveDecided, SuccessionChanged
from shared.contracts.thresholds import ThresholdApproaching, ThresholdMet
from shared.messaging import EventHandlers

consumers = EventHandlers("notifications")
consumers.on(NoticeIssued)(request.request_notice_letter)
consumers.on(NoticeWithdrawn)(request.announce_withdrawal)
consumers.on(PaymentReceived)(request.acknowledge_payment)
consumers.on(ThresholdApproaching)(school_messages.add_message_of_approach)
consumers.on(ThresholdMet)(school_messages.add_message_of_threshold)
consumers.on(CaseDecided)(school_messages.add_message_of_decision)
consumers.on(LeaveDecided)(request.announce_leave_decision)
consumers.on(SuccessionChanged)(store_succession)
