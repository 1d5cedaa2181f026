"""What the tables have in common."""

from sqlalchemy import Column, DateTime, MetaData, Text, func

from shared.database import NAMING, platform_tables

metadata = MetaData(naming_convention=NAMING)
platform_tables(metadata)

INSTANT = DateTime(timezone=True)


def stored() -> tuple[Column[object], Column[object]]:
    """Return the columns that say when and by whom a row was written; `UPDATE OF stored_at` first copies it to `superseded`."""
    return Column("stored_at", INSTANT, nullable=False, server_default=func.now()), Column("stored_by", Text, nullable=False)
