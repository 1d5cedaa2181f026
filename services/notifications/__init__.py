"""notifications: what is sent to people, the letters as they were sent, and the proof that they were served.

Decides: when a letter counts as posted and received (shared/attendance/law/national.toml), and when a person must look at one.
Owns: letters (the exact PDF and what was printed on it), proofs of serving, messages to schools.
Publishes: notice-served, letter-returned, letter-failed.
Consumes: notice-issued, notice-withdrawn, payment-received (a receipt), threshold-approaching, threshold-met and case-decided (a message to the school),
    leave-decided (a letter to each parent), succession-changed (a school may see the letters of its predecessor), prosecution-file-opened,
    prosecution-charged, prosecution-concluded and prosecution-withdrawn (a letter shows what became of its notice in court; one that a
    court's decision made pointless does not leave).
Asks, when a letter is made: `penalties` for what a notice prints and `registers` for leave, names and addresses.
"""
