"""One parent's matter inside a case, as it was last judged, and when that was."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid, text

from services.penalties.tables import METADATA
from shared.database.columns import counters, flags, optional, required

matters = Table(
    "matters",
    METADATA,
    # Derived from the case and the parent.
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    *required(Uuid, "parent_id"),
    *required(Text, "stage"),
    *optional(Text, "outcome"),
    *flags("provisional"),
    *required(Date, "stage_since"),
    *optional(Date, "ended_on"),
    # Grows with every change.
    *counters("revision"),
)
Index("uq_matters_case_id", matters.c.case_id, matters.c.parent_id, unique=True)
Index("ix_matters_stage", matters.c.stage, matters.c.case_id)
case_reviews = Table(
    "case_reviews",
    METADATA,
    Column("case_id", Uuid, ForeignKey("cases.id"), primary_key=True),
    # Of the last case-opened or case-closed.
    *required(Integer, "revision"),
    # By which day its matters were judged last, and from which day time alone changes one.
    *optional(Date, "judged_on", "due_on"),
    # When it was closed for the first time: that ended its run.
    *optional(Date, "first_closed_on"),
    # Closed by a version in which a case ended for all its parents at once.
    *flags("ended_for_all"),
)
Index("ix_case_reviews_due_on", case_reviews.c.due_on, postgresql_where=text("due_on IS NOT NULL"))
Index("ix_case_reviews_judged_on", case_reviews.c.judged_on)
