"""UPNs over time, and schools over time."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB

from services.registers.tables.platform import INSTANT, metadata, stored

upns = Table(
    "upns",
    metadata,
    Column("upn", Text, primary_key=True),
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
)
Index("ix_upns_pupil_id", upns.c.pupil_id)
"""Whose a UPN is or was: the one place that decides it. The present one stands with the pupil."""

upn_changes = Table(
    "upn_changes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
    Column("was", Text, nullable=False),
    Column("became", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changed_at", INSTANT, nullable=False, server_default=func.now()),
    Column("changed_by", Text, nullable=False),
    Column("role", Text, nullable=False),
)
Index("ix_upn_changes_pupil_id", upn_changes.c.pupil_id)

pupil_mergers = Table(
    "pupil_mergers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("survivor", Uuid, ForeignKey("pupils.id"), nullable=False),
    Column("absorbed", Uuid, ForeignKey("pupils.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_at", INSTANT, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("undone_at", INSTANT),
    Column("undone_by", Text),
    Column("undone_role", Text),
    Column("undoing_reason", Text),
    Column("wrong_birth", Uuid),
    Column("wrong_birth_reason", Text),
    CheckConstraint("survivor <> absorbed", name="two_records"),
    CheckConstraint(
        "(wrong_birth IS NULL) = (wrong_birth_reason IS NULL) AND coalesce(wrong_birth IN (survivor, absorbed), true)", name="wrong_birth"
    ),
)
Index("uq_pupil_mergers_standing", pupil_mergers.c.absorbed, unique=True, postgresql_where=text("undone_at IS NULL"))
Index("ix_pupil_mergers_survivor", pupil_mergers.c.survivor, postgresql_where=text("undone_at IS NULL"))
"""Two records that are of one child, as an officer said; who survives is absorbed by nobody, so the records of a child are one step away.

`wrong_birth`: whose date of birth is wrong, where they differ; the child is of the age by the other one's."""

successions = Table(
    "successions",
    metadata,
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
    metadata,
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("since", Date, nullable=False),
    Column("senior_attendance_champion", JSONB, nullable=False),
    Column("day_to_day_contact", JSONB, nullable=False),
    Column("legal_consequences_wording", Text, nullable=False),
    *stored(),
    PrimaryKeyConstraint("urn", "since"),
)
"""A school's attendance policy holds from its day until the next one's."""
