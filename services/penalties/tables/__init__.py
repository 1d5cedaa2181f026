"""The tables of `penalties`: projections of other services' facts, cases, notices, payments."""

from typing import Any

from sqlalchemy import DateTime, MetaData, Table, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from shared.attendance.successions import successions_table
from shared.database import NAMING, platform_tables

METADATA = MetaData(naming_convention=NAMING)
INSTANT = DateTime(timezone=True)
IDS = ARRAY(Uuid, as_tuple=True)

platform_tables(METADATA)
successions_table(METADATA)


def values_of(table: Table, row: object) -> dict[str, Any]:
    """Return what a row dataclass holds for each column of its table."""
    return {column.name: getattr(row, column.name) for column in table.columns}
