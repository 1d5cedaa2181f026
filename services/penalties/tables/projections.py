"""What other services published about pupils, their rolls, their parents and their schools' calendars, as it now stands. A revision of 0 means that nothing has arrived yet."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.penalties.tables import IDS, METADATA
from shared.attendance.identities import former_upns_table

pupils = Table(
    "pupils",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("upn", Text),
    Column("roll_revision", Integer, nullable=False, server_default=text("0")),
    Column("parents_revision", Integer, nullable=False, server_default=text("0")),
    # Another record of the child of that one: what holds of either holds of the child.
    Column("same_as", Uuid),
)
Index("ix_pupils_upn", pupils.c.upn)
Index("ix_pupils_same_as", pupils.c.same_as, pupils.c.id, postgresql_where=text("same_as IS NOT NULL"))
rolls = Table(
    "rolls",
    METADATA,
    Column("pupil_id", Uuid, nullable=False),
    Column("urn", Integer, nullable=False),
    Column("la_code", Text, nullable=False),
    Column("admitted_on", Date, nullable=False),
    Column("left_on", Date),
    PrimaryKeyConstraint("pupil_id", "urn", "admitted_on"),
)
Index("ix_rolls_urn_pupil_id", rolls.c.urn, rolls.c.pupil_id)
pupil_parents = Table(
    "pupil_parents",
    METADATA,
    Column("pupil_id", Uuid, nullable=False),
    Column("parent_id", Uuid, nullable=False),
    Column("urn", Integer, nullable=False),
    Column("relationship", Text),
    Column("lives_with_pupil", Boolean),
    Column("open_match", Boolean, nullable=False),
    # Other ids of the same person: what was issued to those was issued to this parent.
    Column("formerly", IDS, nullable=False),
    PrimaryKeyConstraint("pupil_id", "parent_id", "urn"),
)
calendars = Table(
    "calendars",
    METADATA,
    Column("urn", Integer, nullable=False),
    Column("year", Text, nullable=False),
    Column("open_days", ARRAY(Date, as_tuple=True), nullable=False),
    Column("revision", Integer, nullable=False),
    PrimaryKeyConstraint("urn", "year"),
)
# Marks that changed while the pupil had an open case: what a notice relies on is checked against them.
marks = Table(
    "marks",
    METADATA,
    Column("pupil_id", Uuid, nullable=False),
    Column("date", Date, nullable=False),
    Column("session", Text, nullable=False),
    Column("urn", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("pupil_id", "date", "session", "urn"),
)
former_upns = former_upns_table(METADATA)
