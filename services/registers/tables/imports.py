"""Imports: files of marks from other systems, how far each has come, and the lines that were refused."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.registers.tables import INSTANT, METADATA
from shared.database.columns import flags, optional, required


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


imports = Table(
    "imports",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("state", Text, nullable=False, server_default=text("'received'")),
    *optional(Text, "name", "mapping", "la_code", "error", "readings"),
    Column("urn", Integer),
    Column("schools", ARRAY(Integer)),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    *required(Text, "format", "caller", "made_by"),
    Column("received_at", INSTANT, nullable=False, server_default=func.now()),
    *optional(INSTANT, "started_at", "ended_at"),
    Column("total", BigInteger),
    *(_count(name) for name in ("position", "recorded", "amended", "unchanged", "ignored", "rejected", "noted")),
    Column("warnings", JSONB, nullable=False, server_default=text("'[]'")),
    *optional(Date, "file_deleted_on", "report_deleted_on"),
    CheckConstraint("state IN ('received', 'running', 'done', 'failed')", name="state"),
    CheckConstraint("format IN ('ctf', 'csv', 'xlsx', 'wonde')", name="format"),
)
Index("ix_imports_open", imports.c.id, postgresql_where=text("state IN ('received', 'running')"))
Index("ix_imports_with_file", imports.c.ended_at, postgresql_where=text("ended_at IS NOT NULL AND file_deleted_on IS NULL"))
Index("ix_imports_with_report", imports.c.ended_at, postgresql_where=text("ended_at IS NOT NULL AND report_deleted_on IS NULL"))
"""`urn`: the school of lines that name none. `schools`, `la_code`: what the sender's token reaches (null: everything).
`position`: how many of the file's marks, in the order of their registers, have been dealt with, in the transaction that dealt with them.
`warnings`: sentences about the file as a whole; `noted`: lines of the report whose mark is stored. `readings`: how the blocks of a Common
Transfer File were read the first time."""

import_pieces = Table(
    "import_pieces",
    METADATA,
    Column("import_id", Uuid, ForeignKey("imports.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("import_id", "number"),
)
"""The file as it was sent, in pieces of a megabyte, until `imports.file_deleted_on`."""

import_refusals = Table(
    "import_refusals",
    METADATA,
    Column("import_id", Uuid, ForeignKey("imports.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("line", Integer, nullable=False),
    *required(Text, "school", "upn", "date", "session", "code", "reason"),
    Column("quarantined", Boolean, nullable=False),
    *flags("stored"),
    PrimaryKeyConstraint("import_id", "number"),
)
"""The report, until `imports.report_deleted_on`. `number`: the mark's place in the file, which a line may hold several of; `quarantined`: until a roll explains the mark, or its school
is known; `stored`: the mark is, and something is noted about it."""

waiting_marks = Table(
    "waiting_marks",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("import_id", Uuid, ForeignKey("imports.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("line", Integer, nullable=False),
    *required(Text, "school", "upn"),
    Column("person", JSONB(none_as_null=True)),
    Column("date", Date, nullable=False),
    *required(Text, "session", "code"),
    Column("minutes_late", SmallInteger),
)
Index("ix_waiting_marks_school", waiting_marks.c.school, waiting_marks.c.import_id, waiting_marks.c.id)
Index("ix_waiting_marks_import_id", waiting_marks.c.import_id)
"""Marks of a file whose school is not known yet, until it is, or the report of the import is deleted. `person`: the pupil, where there is no UPN."""
