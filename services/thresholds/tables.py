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

METADATA = MetaData(naming_convention=NAMING)
platform_tables(METADATA)

pupils = Table(
    "pupils",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("upn", Text),
    Column("roll_revision", Integer, nullable=False, server_default=text("0")),
    Column("compulsory_from", Date),
    Column("compulsory_to", Date),
    Column("status", Text, nullable=False, server_default=text("'below'")),
    Column("run_id", Uuid),
    Column("run_revision", Integer, nullable=False, server_default=text("0")),
    Column("approaches", Integer, nullable=False, server_default=text("0")),
    Column("same_as", Uuid),
)
"""A row per pupil, also before the roll has arrived (`roll_revision` 0); its lock is the pupil's lock.

`same_as`: this is another record of the child of that record, which is judged by the facts of both (and this one by none)."""
Index("ix_pupils_upn", pupils.c.upn)
Index("ix_pupils_same_as", pupils.c.same_as, pupils.c.id, postgresql_where=text("same_as IS NOT NULL"))
Index("ix_pupils_alert", pupils.c.status, pupils.c.id, postgresql_where=text("status <> 'below'"))

former_upns = former_upns_table(METADATA)

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

school_years = Table(
    "school_years",
    METADATA,
    Column("urn", Integer, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("calendar", LargeBinary),
    Column("calendar_revision", Integer, nullable=False, server_default=text("0")),
    Column("registers", LargeBinary, nullable=False, server_default=text(r"'\x'")),
    PrimaryKeyConstraint("urn", "year"),
)
"""Sessions held, as bits from 1 September of `year`: by the calendar (null: none sent) and by registers with any mark."""

successions_table(METADATA)

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
"""The marks that may matter: absences without authority, former ones, amended ones, and all of pupils on two rolls."""

reliances = Table(
    "reliances",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("pupil_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("marks", JSONB, nullable=False, server_default=text("'[]'")),
    Column("charged", JSONB, nullable=False, server_default=text("'[]'")),
    Column("withdrawn_on", Date),
    Column("restores", Boolean, nullable=False, server_default=text("false")),
    Column("concluded_on", Date),
)
"""Notices to Improve, notices and court files, with the marks they rely on as they were then, and the sessions charged."""
Index("ix_reliances_pupil_id", reliances.c.pupil_id)

closed_cases = Table(
    "closed_cases",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("run_id", Uuid, nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    Column("closed_on", Date, nullable=False),
    Column("set_aside_to", Date),
)
"""Cases that were closed, with the runs that this ended."""
Index("ix_closed_cases_pupil_id", closed_cases.c.pupil_id)

run_steps = Table(
    "run_steps",
    METADATA,
    Column("run_id", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    Column("step", Text, nullable=False),
    Column("judgement", JSONB, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("run_id", "revision"),
)
"""Every step of every run, with the judgement and the findings behind it (`domain.judgement.Judgement`); rows are never changed."""
Index("ix_run_steps_pupil_id", run_steps.c.pupil_id)
