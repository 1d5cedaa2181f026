"""prosecutions: court files, from the unpaid notice or the agreed referral to the court's decision.

Decides: the time limits of a file, whether it is ready to be charged, which sessions are out of time (shared/attendance/law/national.toml).
Owns: files with their chronology, findings, gates, holds and outcomes; bundles.
Publishes: prosecution-file-opened, prosecution-charged, prosecution-concluded, prosecution-withdrawn.
Consumes: payment-overdue, notice-changed, payment-received, notice-withdrawn, case-decided (an agreed direct referral), relied-on-mark-changed,
threshold-withdrawn, roll-changed, notice-served (a later receipt, proven), letter-returned.
Asks, when a bundle is printed: `registers` for names and addresses.

An opened file is a draft and no charge: people decide.
"""
