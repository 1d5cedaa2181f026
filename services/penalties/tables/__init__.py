"""The tables of `penalties`: projections of other services' facts, cases, notices, payments."""

from sqlalchemy import DateTime, MetaData, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from shared.attendance.successions import successions_table
from shared.database import NAMING, platform_tables

METADATA = MetaData(naming_convention=NAMING)
INSTANT = DateTime(timezone=True)
IDS = ARRAY(Uuid, as_tuple=True)

platform_tables(METADATA)
successions_table(METADATA)
