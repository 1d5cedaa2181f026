"""The tables of `registers`.

What the database itself enforces (migrations 0002 and 0003): whatever is replaced in schools, calendars, pupils, pupils_at_schools
and contacts is first copied to `superseded`; a mark that is amended first goes to `mark_versions`; marks and versions are never deleted.
`roll_spells` and `pupil_parents` are look-up tables made from `pupils_at_schools`, which is the truth as each school said it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import NAMING, platform_tables

metadata = MetaData(naming_convention=NAMING)
platform_tables(metadata)

INSTANT = DateTime(timezone=True)


def _stored() -> tuple[Column[object], Column[object]]:
    return Column("stored_at", INSTANT, nullable=False, server_default=func.now()), Column("stored_by", Text, nullable=False)


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
    *_stored(),
    CheckConstraint("urn BETWEEN 100000 AND 999999", name="urn"),
)
"""`revision` counts what was said about the school; whoever raises it holds the school until the end of the transaction."""

calendars = Table(
    "calendars",
    metadata,
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("year", Text, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("closures", JSONB, nullable=False),
    *_stored(),
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
    *_stored(),
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
    *_stored(),
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
    *_stored(),
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
    PrimaryKeyConstraint("pupil_id", "urn", "ref"),
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
    Column("moved", JSONB),
    UniqueConstraint("one", "other"),
    CheckConstraint("status IN ('open', 'same', 'different')", name="status"),
)
Index("ix_parent_matches_open", parent_matches.c.id, postgresql_where=text("status = 'open'"))
Index("ix_parent_matches_other", parent_matches.c.other)
"""Two parents who may be one person; `moved` names the contacts that a merger took along, so that it can be undone."""

receipts = Table(
    "receipts",
    metadata,
    Column("urn", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("date", Date, nullable=False),
    Column("session", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("received_at", INSTANT, nullable=False, server_default=func.now()),
    Column("caller", Text, nullable=False),
    Column("by_name", Text),
    Column("by_title", Text),
    Column("reason", Text),
    Column("opened_at", INSTANT),
    Column("closed_at", INSTANT),
    PrimaryKeyConstraint("urn", "revision"),
    CheckConstraint("source IN ('register', 'amendment', 'release')", name="source"),
)
Index("ix_receipts_urn_date", receipts.c.urn, receipts.c.date)
"""One row for each time that a register was written to; every version of a mark names the one it came with."""

_mark = (
    ("pupil_id", Uuid, False),
    ("date", Date, False),
    ("urn", Integer, False),
    ("revision", Integer, False),
    ("version", Integer, False),
    ("minutes_late", SmallInteger, True),
    ("session", Text, False),
    ("code", Text, False),
)

marks = Table(
    "marks",
    metadata,
    *(Column(name, kind, nullable=nullable, server_default=text("1") if name == "version" else None) for name, kind, nullable in _mark),
    PrimaryKeyConstraint("date", "session", "pupil_id", "urn"),
    postgresql_partition_by="RANGE (date)",
)
"""The current version of every mark. Columns are in the order of their alignment: it saves 8 bytes a mark."""

mark_versions = Table(
    "mark_versions",
    metadata,
    *(Column(name, kind, nullable=nullable) for name, kind, nullable in _mark),
    Column("superseded_revision", Integer, nullable=False),
    PrimaryKeyConstraint("date", "session", "pupil_id", "urn", "version"),
    postgresql_partition_by="RANGE (date)",
)
"""The versions that an amendment replaced; written by a trigger, so that none can be forgotten."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("urn", Integer, nullable=False),
    Column("date", Date, nullable=False),
    Column("session", Text, nullable=False),
    Column("upn", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("minutes_late", SmallInteger),
    Column("reason", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("received_at", INSTANT, nullable=False, server_default=func.now()),
    Column("released_at", INSTANT),
    Column("released_revision", Integer),
)
Index("ix_quarantine_waiting", quarantine.c.urn, quarantine.c.upn, postgresql_where=text("released_at IS NULL"))
"""Marks that could not be accepted, as sent; `revision` is the receipt they came with, `released_revision` the one that took them in."""

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
