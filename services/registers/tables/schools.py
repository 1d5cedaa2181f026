"""Schools, their calendars and attendance policies, and which school continues which."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.registers.tables import METADATA, stored
from shared.database.columns import required

schools = Table(
    "schools",
    METADATA,
    Column("urn", Integer, primary_key=True, autoincrement=False),
    *required(Text, "name", "la_code", "establishment_number", "phase"),
    Column("district", Text),
    Column("senior_attendance_champion", JSONB),
    Column("revision", Integer, nullable=False, server_default=text("0")),
    Column("roll_version", Uuid, nullable=False, server_default=text("'00000000-0000-0000-0000-000000000000'")),
    *stored(),
    CheckConstraint("urn BETWEEN 100000 AND 999999", name="urn"),
)
Index("ix_schools_la_code_establishment_number", schools.c.la_code, schools.c.establishment_number)
"""`revision` counts the events about the school; whoever raises it has the row locked until the end of the transaction.
`roll_version` is another one after every change of the school's `roll_spells`: a roll kept in memory is known by it."""

calendars = Table(
    "calendars",
    METADATA,
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("year", Text, nullable=False),
    *required(JSONB, "terms", "closures"),
    *stored(),
    PrimaryKeyConstraint("urn", "year"),
)

successions = Table(
    "successions",
    METADATA,
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("predecessor", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("since", Date, nullable=False),
    *stored(),
    PrimaryKeyConstraint("urn", "predecessor"),
    CheckConstraint("urn <> predecessor", name="two_schools"),
)
Index("ix_successions_predecessor", successions.c.predecessor)
"""A school that continues another under a new URN (an academy conversion, an amalgamation), from which day."""

attendance_policies = Table(
    "attendance_policies",
    METADATA,
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("since", Date, nullable=False),
    *required(JSONB, "senior_attendance_champion", "day_to_day_contact"),
    Column("legal_consequences_wording", Text, nullable=False),
    *stored(),
    Column("sickness_rule_hours", SmallInteger),
    PrimaryKeyConstraint("urn", "since"),
)
"""A school's attendance policy holds from its day until the next one's."""
