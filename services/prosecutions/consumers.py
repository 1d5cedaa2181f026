"""Which use case takes which event."""

from services.prosecutions.use_cases import event_reactions, opening
from shared.contracts.notifications import LetterReturned, NoticeServed
from shared.contracts.penalties import CaseDecided, NoticeChanged, NoticeWithdrawn, PaymentOverdue, PaymentReceived
from shared.contracts.registers import RollChanged
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdWithdrawn
from shared.messaging import EventHandlers

consumers = EventHandlers("prosecutions")
consumers.on(PaymentOverdue)(opening.open_for_unpaid_notice)
consumers.on(CaseDecided)(opening.open_for_referral)
consumers.on(PaymentReceived)(event_reactions.record_payment)
consumers.on(NoticeChanged)(event_reactions.hold_where_not_overdue)
consumers.on(NoticeWithdrawn)(event_reactions.stop_on_withdrawn_notice)
consumers.on(ReliedOnMarkChanged)(event_reactions.hold_on_changed_mark)
consumers.on(ThresholdWithdrawn)(event_reactions.hold_on_withdrawn_threshold)
consumers.on(NoticeServed)(event_reactions.hold_on_later_receipt)
consumers.on(LetterReturned)(event_reactions.hold_on_returned_letter)
consumers.on(RollChanged)(event_reactions.store_pupil)
