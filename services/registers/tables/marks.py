"""The register: receipts, marks with every version, quarantine."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)

from services.registers.tables import INSTANT, METADATA
from shared.database.columns import optional, required

receipts = Table(
    "receipts",
    METADATA,
    *required(Integer, "urn", "revision"),
    Column("date", Date, nullable=False),
    *required(Text, "session", "source", "caller"),
    Column("received_at", INSTANT, nullable=False, server_default=func.now()),
    *optional(Text, "by_name", "by_title", "reason"),
    *optional(INSTANT, "opened_at", "closed_at"),
    PrimaryKeyConstraint("urn", "revision"),
    CheckConstraint("source IN ('register', 'amendment', 'release', 'import')", name="source"),
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
    METADATA,
    *(Column(name, kind, nullable=nullable, server_default=text("1") if name == "version" else None) for name, kind, nullable in _mark),
    PrimaryKeyConstraint("date", "session", "pupil_id", "urn"),
    postgresql_partition_by="RANGE (date)",
)
"""The current version of every mark. Columns are in the order of their alignment: it saves 8 bytes a mark."""

mark_versions = Table(
    "mark_versions",
    METADATA,
    *(Column(name, kind, nullable=nullable) for name, kind, nullable in _mark),
    Column("superseded_revision", Integer, nullable=False),
    PrimaryKeyConstraint("date", "session", "pupil_id", "urn", "version"),
    postgresql_partition_by="RANGE (date)",
)
"""The versions that an amendment replaced; written by a trigger, so that none can be forgotten."""

confirmed_marks = Table(
    "confirmed_marks",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("pupil_id", Uuid, nullable=False),
    Column("date", Date, nullable=False),
    *required(Integer, "urn", "version"),
    *required(Text, "session", "caller", "by_name", "reason"),
    Column("by_title", Text),
    Column("confirmed_at", INSTANT, nullable=False),
)
Index("ix_confirmed_marks_urn_pupil_id", confirmed_marks.c.urn, confirmed_marks.c.pupil_id, confirmed_marks.c.date)
"""A person's word that a version of a mark is right although leave was granted for its day."""

sickness_answers = Table(
    "sickness_answers",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("pupil_id", Uuid, nullable=False),
    Column("date", Date, nullable=False),
    *required(Integer, "urn", "version"),
    *required(Text, "session", "caller", "answered_by", "reason"),
    *required(Boolean, "turned_away"),
    Column("answered_at", INSTANT, nullable=False),
)
Index("ix_sickness_answers_urn_pupil_id", sickness_answers.c.urn, sickness_answers.c.pupil_id, sickness_answers.c.date)
"""What a person answered about a version of a mark O after an illness; the last answer holds."""

quarantine = Table(
    "quarantine",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    *required(Integer, "urn", "revision"),
    Column("date", Date, nullable=False),
    *required(Text, "session", "upn", "code", "reason"),
    Column("minutes_late", SmallInteger),
    Column("received_at", INSTANT, nullable=False, server_default=func.now()),
    Column("released_at", INSTANT),
    Column("released_revision", Integer),
)
_q = quarantine.c
Index("ix_quarantine_waiting", _q.urn, _q.upn, _q.date, _q.session, _q.code, postgresql_where=text("released_at IS NULL"))
Index("ix_quarantine_released", _q.urn, _q.released_revision, postgresql_where=text("released_at IS NOT NULL"))
_explained_by_a_roll = text("released_at IS NULL AND reason IN ('unknown-upn', 'not-on-roll')")
Index("ix_quarantine_by_pupil", _q.urn, _q.upn, _q.date, _q.session, _q.id, postgresql_where=_explained_by_a_roll)
Index("ix_quarantine_by_session", _q.urn, _q.date, _q.session, _q.id, postgresql_where=_explained_by_a_roll)
"""Marks that could not be accepted, as sent; `revision` is the receipt they came with, `released_revision` the one that took them in."""

releases = Table(
    "releases",
    METADATA,
    Column("urn", Integer, nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    Column("caller", Text, nullable=False),
    Column("done_date", Date),
    Column("done_session", Text),
    Column("requested_at", INSTANT, nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("urn", "pupil_id"),
)
"""Pupils whose quarantined marks are being released, since there are too many for one transaction; `done_date`, `done_session`: the last session of
the school of which all was released, null before the first."""
