"""Schools' referrals to the authority. They are only ever added."""

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.penalties.tables import IDS, METADATA
from shared.database.columns import INSTANT, required

referrals = Table(
    "referrals",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    *required(IDS, "parent_ids"),
    *required(Text, "course", "statement"),
    *required(JSONB, "declarations", "support_gaps", "findings"),
    *required(Date, "referred_on"),
    *required(INSTANT, "referred_at"),
    *required(Text, "referred_by", "referred_by_role", "referred_by_subject"),
)
Index("ix_referrals_case_id", referrals.c.case_id)
