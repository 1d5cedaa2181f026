"""Parents, as schools know them and as persons."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
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

from services.registers.tables import INSTANT, METADATA, stored
from shared.database.columns import optional, required

parents = Table(
    "parents",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("merged_into", Uuid, ForeignKey("parents.id")),
    Column("made_at", INSTANT, nullable=False, server_default=func.now()),
)
Index("ix_parents_merged_into", parents.c.merged_into, postgresql_where=parents.c.merged_into.is_not(None))

contacts = Table(
    "contacts",
    METADATA,
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("parent_id", Uuid, ForeignKey("parents.id"), nullable=False),
    *required(Text, "ref", "forename", "surname", "name_key"),
    Column("address", JSONB),
    *optional(Text, "email", "phone", "postcode_key", "email_key", "phone_key"),
    *stored(),
    PrimaryKeyConstraint("urn", "ref"),
)
Index("ix_contacts_postcode_key", contacts.c.postcode_key, contacts.c.name_key, postgresql_where=contacts.c.postcode_key.is_not(None))
Index("ix_contacts_email_key", contacts.c.email_key, contacts.c.name_key, postgresql_where=contacts.c.email_key.is_not(None))
Index("ix_contacts_phone_key", contacts.c.phone_key, contacts.c.name_key, postgresql_where=contacts.c.phone_key.is_not(None))
Index("ix_contacts_parent_id", contacts.c.parent_id)
"""A parent as one school knows them: the same `ref` at the same school is the same person."""

pupil_parents = Table(
    "pupil_parents",
    METADATA,
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
    Column("urn", Integer, nullable=False),
    Column("ref", Text, nullable=False),
    *optional(Text, "relationship", "liability_basis"),
    Column("lives_with_pupil", Boolean),
    Column("ended_at", INSTANT),
    PrimaryKeyConstraint("pupil_id", "urn", "ref"),
    CheckConstraint("liability_basis IN ('natural-parent', 'parental-responsibility', 'care')", name="liability_basis"),
)
Index("ix_pupil_parents_urn_ref", pupil_parents.c.urn, pupil_parents.c.ref)

parent_matches = Table(
    "parent_matches",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("one", Uuid, ForeignKey("parents.id"), nullable=False),
    Column("other", Uuid, ForeignKey("parents.id"), nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'open'")),
    Column("proposed_at", INSTANT, nullable=False, server_default=func.now()),
    Column("decided_at", INSTANT),
    *optional(Text, "decided_by", "role", "reason"),
    Column("moved", JSONB(none_as_null=True)),
    Column("absorbed", Uuid),
    Column("absorbed_with", JSONB(none_as_null=True)),
    Column("confirmed_la_code", Text),
    Column("confirmed_at", INSTANT),
    *optional(Text, "confirmed_by", "confirmed_role", "confirmed_reason"),
    UniqueConstraint("one", "other"),
    CheckConstraint("status IN ('open', 'same', 'different')", name="status"),
    CheckConstraint(
        "num_nonnulls(confirmed_la_code, confirmed_at, confirmed_by, confirmed_role, confirmed_reason) IN (0, 5)", name="confirmed"
    ),
)
Index("ix_parent_matches_open", parent_matches.c.id, postgresql_where=text("status = 'open'"))
Index("ix_parent_matches_other", parent_matches.c.other)
"""Two parents who may be one person; `moved` names the contacts that a merger took along from `absorbed`, `absorbed_with` the persons who had
been merged into that one before: so that it can be undone. `confirmed_…`: what an officer who reaches one of the two answered first; the match
stays open until one who reaches the other answers."""

match_undoings = Table(
    "match_undoings",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("match_id", Uuid, ForeignKey("parent_matches.id"), nullable=False),
    Column("was", JSONB, nullable=False),
    *required(Text, "reason", "undone_by", "role"),
    Column("undone_at", INSTANT, nullable=False, server_default=func.now()),
)
Index("ix_match_undoings_match_id", match_undoings.c.match_id)
"""Decisions on matches that were taken back: `was` is the decision as it stood."""
