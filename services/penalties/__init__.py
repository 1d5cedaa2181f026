"""What follows a threshold: cases, decisions, Notices to Improve, penalty notices and their payment.

Decides    what may be issued to whom, at what price and until when; never whether: that is a named person's decision.
Owns       the support log, cases, decisions, agreements, Notices to Improve, penalty notices, payments, holds.
Publishes  case-opened, case-decided, case-closed, notice-issued, improvement-ended, payment-received, payment-overdue,
           notice-changed, notice-withdrawn.
Consumes   threshold-met, threshold-withdrawn, relied-on-mark-changed, session-recorded, roll-changed, calendar-changed,
           succession-changed, parent-changed, notice-served, letter-returned, prosecution-file-opened, prosecution-charged, prosecution-concluded,
           prosecution-withdrawn.

Parts, bottom to top; a part imports only what stands below it, and each has those modules of a small service that it needs:
tables       every table                       improvement  Notices to Improve: issue, period, outcome
law          dated numbers, by authority       evidence     waits until the marks of a period are judged
projections  rolls, parents, calendars, marks  decisions    decide, refer, agree; referrals: the form
case_file    a case and its matters: judge, close  notices      penalty notices: tariff, issue, serve, overdue, withdraw
liability    who is a parent in law            payments     the provider: open, ask, signed messages
holds        what stops a notice               court_files  what the court does to cases and notices
serving      receipt and the clocks from it    overview     cases as people see them, with the steps possible
money        paid, due, owed back, suspense    reports      undecided cases; how fairly and soon schools decide
support      the log of what was tried         advice       what the rules recommend; the policy in force
openings     cases that a person opens by hand
"""
