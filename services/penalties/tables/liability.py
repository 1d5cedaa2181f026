"""What makes somebody a parent of a pupil, and who allowed the absence. Records are only ever added; a withdrawal is one of them."""

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text, Uuid

from services.penalties.tables import METADATA
from shared.database.columns import INSTANT, optional, required

liability_records = Table(
    "liability_records",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    *required(Uuid, "pupil_id", "parent_id"),
    *optional(Text, "parent_by", "basis", "shown_by", "withdrawal_reason"),
    *required(Date, "recorded_on"),
    *required(INSTANT, "recorded_at"),
    *required(Text, "recorded_by", "recorded_by_role", "recorded_by_subject"),
)
Index("ix_liability_records_case_id", liability_records.c.case_id)
Index("ix_liability_records_pupil_id", liability_records.c.pupil_id)
