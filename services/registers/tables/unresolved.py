"""N marks that await their reason."""

from sqlalchemy import Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid, text

from services.registers.tables import METADATA
from shared.database.columns import optional, required

unresolved_marks = Table(
    "unresolved_marks",
    METADATA,
    *required(Integer, "urn", "version"),
    Column("date", Date, nullable=False),
    Column("session", Text, nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    *optional(Date, "due_on", "computed_on", "published_on"),
    PrimaryKeyConstraint("urn", "date", "session", "pupil_id"),
)
Index("ix_unresolved_marks_undated", unresolved_marks.c.computed_on, postgresql_where=text("due_on IS NULL"))
Index("ix_unresolved_marks_due_on", unresolved_marks.c.due_on, postgresql_where=text("published_on IS NULL"))
"""One row while a mark is N, made and taken away with the mark; `due_on` null: not computed yet (`computed_on` null), or the school's
days are not known that far. A changed calendar empties both."""
