"""The tables of `registers`.

What the database itself enforces (`migrations/0001_history.sql` and, by table, `0001_baseline.py`): whatever is replaced in schools, calendars, pupils, pupils_at_schools
and contacts is first copied to `superseded`; a mark that is amended first goes to `mark_versions`; marks and versions are never deleted.
`roll_spells` and `pupil_parents` are look-up tables made from `pupils_at_schools`, which is the truth as each school sent it.
"""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, MetaData, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import NAMING, platform_tables

METADATA = MetaData(naming_convention=NAMING)
platform_tables(METADATA)

INSTANT = DateTime(timezone=True)


def stored() -> tuple[Column[object], Column[object]]:
    """Return the columns for when and by whom a row was written; `UPDATE OF stored_at` first copies it to `superseded`."""
    return Column("stored_at", INSTANT, nullable=False, server_default=func.now()), Column("stored_by", Text, nullable=False)


superseded = Table(
    "superseded",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("was", JSONB, nullable=False),
    Column("superseded_at", INSTANT, nullable=False, server_default=func.now()),
    Column("superseded_by", Text),
)
Index("ix_superseded_kind", superseded.c.kind, superseded.c.id)
"""Rows of other tables as they were before someone replaced them."""
