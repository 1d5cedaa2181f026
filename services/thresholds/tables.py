"""The tables of `thresholds`."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.attendance.identities import former_upns_table
from shared.attendance.successions import successions_table
from shared.database import NAMING, platform_tables

metadata = MetaData(naming_convention=NAMING)
platform_tables(metadata)

pupils = Table(
    "pupils",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("upn", Text),
    Column("roll_revision", Integer, nullable=False, server_default=text("0")),
    Column("compulsory_from", Date),
    Column("compulsory_to", Date),
    Column("status", Text, nullable=False, server_default=text("'below'")),
    Column("run_id", Uuid),
    Column("run_revision", Integer, nullable=False, server_default=text("0")),
    Column("approached", Integer, nullable=False, server_default=text("0")),
    Column("same_as", Uuid),
)
"""A row per pupil, also before the roll is known (`roll_revision` 0); its lock is the pupil's lock.

`same_as`: another record of the child of that one, which is judged with what is known of both (and this one with nothing)."""
Index("ix_pupils_upn", pupils.c.upn)
Index("ix_pupils_same_as", pupils.c.same_as, pupils.c.id, postgresql_where=text("same_as IS NOT NULL"))
Index("ix_pupils_alert", pupils.c.status, pupils.c.id, postgresql_where=text("status <> 'below'"))

former_upns = former_upns_table(metadata)

rolls = Table(
    "rolls",
    metadata,
    Column("pupil_id", Uuid, nullable=False),
    Column("urn", Integer, nullable=False),
    Column("la_code", Text, nullable=False),
    Column("admitted_on", Date, nullable=False),
    Column("left_on", Date),
    PrimaryKeyConstraint("pupil_id", "urn", "admitted_on"),
)
Index("ix_rolls_urn_pupil_id", rolls.c.urn, rolls.c.pupil_id)

school_years = Table(
    "school_years",
    metadata,
    Column("urn", Integer, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("calendar", LargeBinary),
    Column("calendar_revision", Integer, nullable=False, server_default=text("0")),
    Column("registers", LargeBinary, nullable=False, server_default=text(r"'\x'")),
    PrimaryKeyConstraint("urn", "year"),
)
"""Sessions held, as bits from 1 September of `year`: by the calendar (null: none sent) and by registers with any mark."""

successions_table(metadata)

marks = Table(
    "marks",
    metadata,
    Column("pupil_id", Uuid, nullable=False),
    Column("date", Date, nullable=False),
    Column("session", Text, nullable=False),
    Column("urn", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("pupil_id", "date", "session", "urn"),
)
"""The marks that may matter: absences without authority, former ones, amended ones, and all of pupils on two rolls."""

reliances = Table(
    "reliances",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("pupil_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sessions", JSONB, nullable=False, server_default=text("'[]'")),
    Column("charged", JSONB, nullable=False, server_default=text("'[]'")),
    Column("withdrawn_on", Date),
    Column("restores", Boolean, nullable=False, server_default=text("false")),
    Column("concluded_on", Date),
)
"""Notices to Improve, notices and court files, with the marks they rest on as they were then."""
Index("ix_reliances_pupil_id", reliances.c.pupil_id)

closures = Table(
    "closures",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("run_id", Uuid, nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    Column("closed_on", Date, nullable=False),
    Column("set_aside_to", Date),
)
"""Cases that were closed."""
Index("ix_closures_pupil_id", closures.c.pupil_id)

run_steps = Table(
    "run_steps",
    metadata,
    Column("run_id", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    Column("step", Text, nullable=False),
    Column("judgement", JSONB, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("run_id", "revision"),
)
"""Every step of every run, with the judgement and the findings behind it; rows are never changed."""
Index("ix_run_steps_pupil_id", run_steps.c.pupil_id)
