"""What the marks of a school come to, by month."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, Index, Integer, PrimaryKeyConstraint, SmallInteger, Table, Text, Uuid, text

from services.registers.tables import METADATA
from shared.database.columns import required

_EMPTY = text("'{}'")

monthly_totals = Table(
    "monthly_totals",
    METADATA,
    Column("urn", Integer, nullable=False),
    Column("month", Date, nullable=False),
    Column("stale", Boolean, nullable=False, server_default=text("true")),
    *(
        Column(name, ARRAY(kind), nullable=False, server_default=_EMPTY)
        for name, kind in (
            ("days", SmallInteger),
            ("codes", Text),
            ("sessions", Integer),
            ("pupils", Uuid),
            ("possible", BigInteger),
            ("absent", BigInteger),
        )
    ),
    PrimaryKeyConstraint("urn", "month"),
)
Index("ix_monthly_totals_stale", monthly_totals.c.urn, postgresql_where=text("stale"))
"""By the first of the month. `days`, `codes` and `sessions` side by side: on which day which code stands how often. `pupils`, `possible` and
`absent` side by side: a bit for each session of the month that the pupil could have attended, and for each that they missed (the morning of
the first is bit 0, the afternoon bit 1). `stale`: something has changed since."""

counted_schools = Table(
    "counted_schools",
    METADATA,
    *required(Integer, "urn", "revision"),
    Column("roll_version", Uuid, nullable=False),
    PrimaryKeyConstraint("urn"),
)
"""Up to which revision, and by which roll, a school's stale months are marked; -1: all of them are to be marked."""
