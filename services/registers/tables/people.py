"""Schools, calendars, pupils with their rolls, parents, and what was replaced in them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.registers.tables.platform import INSTANT, metadata, stored

schools = Table(
    "schools",
    metadata,
    Column("urn", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("la_code", Text, nullable=False),
    Column("establishment_number", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("district", Text),
    Column("senior_attendance_champion", JSONB),
    Column("revision", Integer, nullable=False, server_default=text("0")),
    Column("roll_stamp", Uuid, nullable=False, server_default=text("'00000000-0000-0000-0000-000000000000'")),
    *stored(),
    CheckConstraint("urn BETWEEN 100000 AND 999999", name="urn"),
)
"""`revision` counts what was said about the school; whoever raises it holds the school until the end of the transaction.
`roll_stamp` is another one after every change of the school's `roll_spells`: a roll kept in memory is known by it."""

calendars = Table(
    "calendars",
    metadata,
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("year", Text, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("closures", JSONB, nullable=False),
    *stored(),
    PrimaryKeyConstraint("urn", "year"),
)

pupils = Table(
    "pupils",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("upn", Text, nullable=False, unique=True),
    Column("date_of_birth", Date, nullable=False),
    Column("revision", Integer, nullable=False, server_default=text("0")),
    Column("said_rolls", JSONB),
    Column("said_parents", JSONB),
    *stored(),
)
"""`date_of_birth`: of several schools' the one said last; `said_…`: the state in the last event, so that only changes are said."""

pupils_at_schools = Table(
    "pupils_at_schools",
    metadata,
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
    Column("forename", Text, nullable=False),
    Column("surname", Text, nullable=False),
    Column("date_of_birth", Date, nullable=False),
    Column("year_group", Text),
    Column("spells", JSONB, nullable=False),
    Column("parents", JSONB, nullable=False),
    *stored(),
    PrimaryKeyConstraint("urn", "pupil_id"),
)
Index("ix_pupils_at_schools_pupil_id", pupils_at_schools.c.pupil_id)

roll_spells = Table(
    "roll_spells",
    metadata,
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("upn", Text, nullable=False),
    Column("admitted_on", Date, nullable=False),
    Column("left_on", Date),
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
    Column("shared_from", Date),
    Column("shared_to", Date),
    PrimaryKeyConstraint("urn", "upn", "admitted_on"),
    CheckConstraint("left_on >= admitted_on", name="order"),
)
Index("ix_roll_spells_pupil_id", roll_spells.c.pupil_id)
"""By UPN, so that a register finds its pupils in one index; `shared_from`: another school has the pupil too, until `shared_to`."""

parents = Table(
    "parents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("merged_into", Uuid, ForeignKey("parents.id")),
    Column("made_at", INSTANT, nullable=False, server_default=func.now()),
)
Index("ix_parents_merged_into", parents.c.merged_into, postgresql_where=parents.c.merged_into.is_not(None))

contacts = Table(
    "contacts",
    metadata,
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("ref", Text, nullable=False),
    Column("parent_id", Uuid, ForeignKey("parents.id"), nullable=False),
    Column("forename", Text, nullable=False),
    Column("surname", Text, nullable=False),
    Column("address", JSONB),
    Column("email", Text),
    Column("phone", Text),
    Column("name_key", Text, nullable=False),
    Column("postcode_key", Text),
    Column("email_key", Text),
    Column("phone_key", Text),
    *stored(),
    PrimaryKeyConstraint("urn", "ref"),
)
Index("ix_contacts_name_key", contacts.c.name_key)
Index("ix_contacts_parent_id", contacts.c.parent_id)
"""A parent as one school knows them: the same `ref` at the same school is the same person."""

pupil_parents = Table(
    "pupil_parents",
    metadata,
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
    Column("urn", Integer, nullable=False),
    Column("ref", Text, nullable=False),
    Column("relationship", Text),
    Column("lives_with_pupil", Boolean),
    Column("ended_at", INSTANT),
    Column("liability_basis", Text),
    PrimaryKeyConstraint("pupil_id", "urn", "ref"),
    CheckConstraint("liability_basis IN ('natural-parent', 'parental-responsibility', 'care')", name="liability_basis"),
)
Index("ix_pupil_parents_urn_ref", pupil_parents.c.urn, pupil_parents.c.ref)

parent_matches = Table(
    "parent_matches",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("one", Uuid, ForeignKey("parents.id"), nullable=False),
    Column("other", Uuid, ForeignKey("parents.id"), nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'open'")),
    Column("proposed_at", INSTANT, nullable=False, server_default=func.now()),
    Column("decided_at", INSTANT),
    Column("decided_by", Text),
    Column("role", Text),
    Column("reason", Text),
    Column("moved", JSONB(none_as_null=True)),
    Column("absorbed", Uuid),
    Column("absorbed_with", JSONB(none_as_null=True)),
    UniqueConstraint("one", "other"),
    CheckConstraint("status IN ('open', 'same', 'different')", name="status"),
)
Index("ix_parent_matches_open", parent_matches.c.id, postgresql_where=text("status = 'open'"))
Index("ix_parent_matches_other", parent_matches.c.other)
"""Two parents who may be one person; `moved` names the contacts that a merger took along from `absorbed`, `absorbed_with` the persons who had
been merged into that one before: so that it can be undone."""

match_undoings = Table(
    "match_undoings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("match_id", Uuid, ForeignKey("parent_matches.id"), nullable=False),
    Column("was", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("undone_at", INSTANT, nullable=False, server_default=func.now()),
    Column("undone_by", Text, nullable=False),
    Column("role", Text, nullable=False),
)
Index("ix_match_undoings_match_id", match_undoings.c.match_id)
"""Decisions on matches that were taken back: `was` is the decision as it stood."""

superseded = Table(
    "superseded",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("was", JSONB, nullable=False),
    Column("superseded_at", INSTANT, nullable=False, server_default=func.now()),
    Column("superseded_by", Text),
)
Index("ix_superseded_kind", superseded.c.kind, superseded.c.id)
"""Rows of other tables as they were before someone replaced them."""
