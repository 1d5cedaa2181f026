"""The tables of `thresholds`."""

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
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
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.attendance.identities import former_upns_table
from shared.attendance.successions import successions_table
from shared.database import NAMING, platform_tables
from shared.database.columns import INSTANT, counters, flags, optional, required

METADATA = MetaData(naming_convention=NAMING)
platform_tables(METADATA)
former_upns = former_upns_table(METADATA)
successions_table(METADATA)

pupils = Table(
    "pupils",
    METADATA,
    Column("id", Uuid, primary_key=True),
    *optional(Text, "upn"),
    *counters("roll_revision", "run_revision", "approaches"),
    *optional(Date, "compulsory_from", "compulsory_to"),
    Column("status", Text, nullable=False, server_default=text("'below'")),
    *optional(Uuid, "run_id", "same_as"),
)
"""A row per pupil, also before the roll has arrived (`roll_revision` 0); its lock is the pupil's lock.

`same_as`: this is another record of the child of that record, which is judged by the facts of both (and this one by none)."""
Index("ix_pupils_upn", pupils.c.upn)
Index("ix_pupils_same_as", pupils.c.same_as, pupils.c.id, postgresql_where=text("same_as IS NOT NULL"))
STANDING: ColumnElement[int] = func.array_position(literal_column("'{met,approaching,below}'::text[]"), pupils.c.status, type_=Integer)
"""How near to a decision a pupil stands: the order of lists."""
Index("ix_pupils_standing", STANDING, pupils.c.id)
Index("ix_pupils_alert", pupils.c.status, pupils.c.id, postgresql_where=text("status <> 'below'"))

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

school_years = Table(
    "school_years",
    METADATA,
    *required(Integer, "urn"),
    *required(SmallInteger, "year"),
    *optional(LargeBinary, "calendar"),
    *counters("calendar_revision"),
    Column("registers", LargeBinary, nullable=False, server_default=text(r"'\x'")),
    PrimaryKeyConstraint("urn", "year"),
)
"""Sessions held, as bits from 1 September of `year`: by the calendar (null: none sent) and by registers with any mark."""

marks = Table(
    "marks",
    METADATA,
    *required(Uuid, "pupil_id"),
    *required(Date, "date"),
    *required(Text, "session", "code"),
    *required(Integer, "urn", "version"),
    *flags("covered"),
    *counters("revision"),
    PrimaryKeyConstraint("pupil_id", "date", "session", "urn"),
)
"""The marks that may matter: absences without authority, former ones, amended ones, and all of pupils on two rolls.

`covered`: the school granted leave for the day; `revision`: of the school's event that holds the mark."""

reliances = Table(
    "reliances",
    METADATA,
    Column("id", Uuid, primary_key=True),
    *required(Uuid, "pupil_id"),
    *required(Text, "kind"),
    Column("marks", JSONB, nullable=False, server_default=text("'[]'")),
    Column("charged", JSONB, nullable=False, server_default=text("'[]'")),
    *optional(Date, "withdrawn_on", "concluded_on"),
    *flags("restores"),
)
"""Notices to Improve, notices and court files, with the marks they rely on as they were then, and the sessions charged."""
Index("ix_reliances_pupil_id", reliances.c.pupil_id)

closed_cases = Table(
    "closed_cases",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    *required(Uuid, "run_id", "pupil_id"),
    *required(Date, "closed_on"),
    *optional(Date, "set_aside_to"),
    Column("kept", JSONB(none_as_null=True), server_default=text("'[]'")),
)
"""Cases that were closed, with the runs that this ended.

`kept`: sessions that they did not set aside, as the runs of other open cases held them; null while the runs come back from an old copy."""
Index("ix_closed_cases_pupil_id", closed_cases.c.pupil_id)

run_steps = Table(
    "run_steps",
    METADATA,
    *required(Uuid, "run_id", "pupil_id"),
    *required(Integer, "revision"),
    *required(Text, "step"),
    *required(JSONB, "judgement"),
    Column("recorded_at", INSTANT, nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("run_id", "revision"),
)
"""Every step of every run, with the judgement and the findings behind it (`domain.judgement.Judgement`); rows are never changed."""
Index("ix_run_steps_pupil_id", run_steps.c.pupil_id)

mark_changes = Table(
    "mark_changes",
    METADATA,
    Column("id", Uuid, primary_key=True),
    *required(Uuid, "pupil_id"),
    *required(JSONB, "body"),
    Column("recorded_at", INSTANT, nullable=False, server_default=func.now()),
)
"""Changes of marks relied on, as they were published (`relied-on-mark-changed`); rows are never changed."""
Index("ix_mark_changes_pupil_id", mark_changes.c.pupil_id)
