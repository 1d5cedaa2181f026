"""What other services published about pupils, their rolls, their parents and their schools' calendars, as it now stands. A revision of 0 means that nothing has arrived yet."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.penalties.tables import IDS, METADATA
from shared.attendance.identities import former_upns_table
from shared.database.columns import counters, optional, required

pupils = Table(
    "pupils",
    METADATA,
    Column("id", Uuid, primary_key=True),
    *optional(Text, "upn"),
    *counters("roll_revision", "parents_revision"),
    # Another record of the child of that one: what holds of either holds of the child.
    *optional(Uuid, "same_as"),
)
Index("ix_pupils_upn", pupils.c.upn)
Index("ix_pupils_same_as", pupils.c.same_as, pupils.c.id, postgresql_where=text("same_as IS NOT NULL"))
rolls = Table(
    "rolls",
    METADATA,
    *required(Uuid, "pupil_id"),
    *required(Integer, "urn"),
    *required(Text, "la_code"),
    *required(Date, "admitted_on"),
    *optional(Date, "left_on"),
    PrimaryKeyConstraint("pupil_id", "urn", "admitted_on"),
)
Index("ix_rolls_urn_pupil_id", rolls.c.urn, rolls.c.pupil_id)
pupil_parents = Table(
    "pupil_parents",
    METADATA,
    *required(Uuid, "pupil_id", "parent_id"),
    *required(Integer, "urn"),
    *optional(Text, "relationship", "liability_basis"),
    *optional(Boolean, "lives_with_pupil"),
    *required(Boolean, "open_match"),
    # Other ids of the same person: what was issued to those was issued to this parent.
    *required(IDS, "formerly"),
    PrimaryKeyConstraint("pupil_id", "parent_id", "urn"),
)
calendars = Table(
    "calendars",
    METADATA,
    *required(Integer, "urn", "revision"),
    *required(Text, "year"),
    *required(ARRAY(Date, as_tuple=True), "open_days"),
    PrimaryKeyConstraint("urn", "year"),
)
# Marks that changed while the pupil had an open case: what a notice relies on is checked against them.
marks = Table(
    "marks",
    METADATA,
    *required(Uuid, "pupil_id"),
    *required(Date, "date"),
    *required(Text, "session", "code"),
    *required(Integer, "urn", "version"),
    PrimaryKeyConstraint("pupil_id", "date", "session", "urn"),
)
former_upns = former_upns_table(METADATA)
