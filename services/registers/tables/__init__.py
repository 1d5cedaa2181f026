"""The tables of `registers`.

What the database itself enforces (migrations 0002 and 0003): whatever is replaced in schools, calendars, pupils, pupils_at_schools
and contacts is first copied to `superseded`; a mark that is amended first goes to `mark_versions`; marks and versions are never deleted.
`roll_spells` and `pupil_parents` are look-up tables made from `pupils_at_schools`, which is the truth as each school said it.
"""

from services.registers.tables.identities import attendance_policies, pupil_mergers, successions, upn_changes, upns
from services.registers.tables.imports import import_pieces, import_refusals, imports
from services.registers.tables.leave import leave_requests
from services.registers.tables.marks import mark_versions, marks, quarantine, receipts
from services.registers.tables.people import (
    calendars,
    contacts,
    match_undoings,
    parent_matches,
    parents,
    pupil_parents,
    pupils,
    pupils_at_schools,
    roll_spells,
    schools,
    superseded,
)
from services.registers.tables.platform import metadata
from services.registers.tables.reasons import unresolved_marks

__all__ = [
    "attendance_policies",
    "calendars",
    "contacts",
    "import_pieces",
    "import_refusals",
    "imports",
    "leave_requests",
    "mark_versions",
    "marks",
    "match_undoings",
    "metadata",
    "parent_matches",
    "parents",
    "pupil_mergers",
    "pupil_parents",
    "pupils",
    "pupils_at_schools",
    "quarantine",
    "receipts",
    "roll_spells",
    "schools",
    "successions",
    "superseded",
    "unresolved_marks",
    "upn_changes",
    "upns",
]
