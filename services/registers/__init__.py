"""The evidence: schools, calendars, pupils, parents, and every mark of the register in every version.

Decides    which marks a register may hold, who is on which roll, by when an N must have its reason, which contacts may be one
           person (an officer says so), on what leave may be granted.
Owns       schools with their attendance policies, calendars, pupils, roll spells, contacts and parents, marks and their superseded
           versions, quarantine, leave requests, imports of files with their reports.
Publishes  session-recorded, roll-changed, calendar-changed, succession-changed, parent-changed, reason-overdue,
           leave-decided.
Consumes   nothing.
"""
