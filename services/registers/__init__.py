"""The evidence: schools, calendars, pupils, parents, and every mark of the register in every version.

Decides    which marks a register may hold, who is on which roll, whose names and birth date count (an officer, where schools differ), by when an N must have its reason, which contacts may be one
           person (an officer decides), on what leave may be granted.
Owns       schools with their attendance policies, calendars, pupils, roll spells, contacts and parents, marks and their superseded
           versions, their totals by month, quarantine, what was answered about absences after an illness, leave requests, imports of files with their reports.
Publishes  session-recorded, roll-changed, calendar-changed, succession-changed, parent-changed, reason-overdue,
           leave-decided.
Consumes   nothing.

Parts, bottom to top; a part imports only what stands below it, and each has those modules of a small service that it needs. A route stands
in the lowest part that knows all that follows from it: a school comes in through `pupils`, a calendar through `unresolved`.
state    what is held, published again, and recovery: what comes back of it from the log (above all others)
tables   every table                                    unresolved    N: by when the reason must come, lists, overdue
law      dated numbers, by authority                    sickness      O after an illness: was the child turned away?
fields   dates, lines and persons as the API has them   leave         leave of absence: asked, decided, withdrawn
schools  schools, calendars, policies, successions      families      parents and their children, on the same days
marks    registers, amendments, quarantine, history;    certificates  what a school can certify about a pupil
         fast: valid marks of a new session             engagement    a pupil's attendance and engagement
pupils   pupils, rolls, UPNs, parents,                  statistics    attendance figures of a school or an authority
         two records of one child                       imports       files of marks from other systems, by format
"""
