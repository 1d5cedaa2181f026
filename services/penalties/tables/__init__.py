"""The tables of `penalties`: projections of other services' facts, cases, notices, payments."""

from sqlalchemy import MetaData

from services.penalties.tables.cases import case_tables
from services.penalties.tables.notices import notice_tables
from services.penalties.tables.payments import payment_tables
from services.penalties.tables.projections import projection_tables
from shared.attendance.identities import former_upns_table
from shared.attendance.successions import successions_table
from shared.database import NAMING, platform_tables

metadata = MetaData(naming_convention=NAMING)
platform_tables(metadata)

pupils, rolls, pupil_parents, calendars, marks = projection_tables(metadata)
former_upns = former_upns_table(metadata)
successions_table(metadata)
cases, runs, decisions, agreements, court_files, holds = case_tables(metadata)
improvement_notices, penalty_notices = notice_tables(metadata)
payments, payment_messages, refunds = payment_tables(metadata)

__all__ = [
    "agreements", "calendars", "cases", "court_files", "decisions", "former_upns", "holds", "improvement_notices", "marks", "metadata",
    "payment_messages", "payments", "penalty_notices", "pupil_parents", "pupils", "refunds", "rolls", "runs",
]  # fmt: skip
