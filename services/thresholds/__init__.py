"""Whether a pupil has missed ten sessions without authority in ten school weeks, and what relies on those sessions.

Decides    which marks count, in which window, where the threshold was met, and whether the mark behind something has changed.
           It opens a duty to consider and nothing more: people decide.
Owns       the marks that may count, each school's held sessions, the runs of the threshold, what relies on which session.
Publishes  threshold-approaching, threshold-met, threshold-withdrawn, relied-on-mark-changed.
Consumes   session-recorded, roll-changed, calendar-changed, succession-changed, notice-issued, notice-withdrawn,
           case-closed, prosecution-file-opened, prosecution-charged, prosecution-concluded, prosecution-withdrawn.
"""
