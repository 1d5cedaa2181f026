"""What follows a threshold: cases, decisions, Notices to Improve, penalty notices and their payment.

Decides    what may be issued to whom, at what price and until when; never whether: that is a named person's decision.
Owns       cases, decisions, agreements, Notices to Improve, penalty notices, payments, holds.
Publishes  case-opened, case-decided, case-closed, notice-issued, improvement-ended, payment-received, payment-overdue,
           notice-withdrawn.
Consumes   threshold-met, threshold-withdrawn, relied-on-mark-changed, session-recorded, roll-changed, calendar-changed,
           succession-changed, parent-changed, notice-served, letter-returned, prosecution-file-opened, prosecution-charged, prosecution-concluded,
           prosecution-withdrawn.
"""
