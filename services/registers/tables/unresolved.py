"""N marks that await their reason."""

from sqlalchemy import Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid, text

from services.registers.tables import METADATA
from shared.database.columns import counters, optional, required

unresolved_marks = Table(
    "unresolved_marks",
    METADATA,
    *required(Integer, "urn", "version"),
    Column("date", Date, nullable=False),
    Column("session", Text, nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    *optional(Date, "due_on", "computed_on", "published_on"),
    # How often it was published whether this is overdue.
    *counters("judged"),
    PrimaryKeyConstraint("urn", "date", "session", "pupil_id"),
)
Index("ix_unresolved_marks_computed_on", unresolved_marks.c.computed_on, postgresql_where=text("due_on IS NULL OR computed_on IS NULL"))
Index("ix_unresolved_marks_due_on", unresolved_marks.c.due_on, postgresql_where=text("published_on IS NULL"))
Index("ix_unresolved_marks_published_until", unresolved_marks.c.due_on, postgresql_where=text("published_on IS NOT NULL"))
Index("ix_unresolved_marks_published_early", unresolved_marks.c.due_on, postgresql_where=text("published_on <= due_on"))
"""One row while a mark is N, made and taken away with the mark; `due_on` null: not computed yet (`computed_on` null), or the school's
days are not known that far. A changed calendar empties both, but `due_on` not where it is published as overdue.
`published_on` null: not overdue, as far as was published."""
