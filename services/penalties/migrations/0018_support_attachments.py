"""Files attached to entries of the support log, and their content in pieces."""

from alembic import op

from shared.database.row_security import conditions

revision = "0018"
down_revision = "0017"

_TABLES = """
    CREATE TABLE support_attachments (
        entry_id uuid NOT NULL, number integer NOT NULL, version integer NOT NULL, name text NOT NULL, media_type text NOT NULL,
        attached_by text NOT NULL, attached_by_role text NOT NULL, attached_by_subject text NOT NULL, size bigint NOT NULL,
        sha256 bytea NOT NULL, attached_at timestamptz NOT NULL, CONSTRAINT pk_support_attachments PRIMARY KEY (entry_id, number),
        CONSTRAINT fk_support_attachments_entry_id_support_entries FOREIGN KEY (entry_id) REFERENCES support_entries (id)
    );
    CREATE TABLE support_pieces (
        entry_id uuid NOT NULL, number integer NOT NULL, position integer NOT NULL, content bytea NOT NULL,
        CONSTRAINT pk_support_pieces PRIMARY KEY (entry_id, number, position),
        CONSTRAINT fk_support_pieces_entry_id_support_attachments
            FOREIGN KEY (entry_id, number) REFERENCES support_attachments (entry_id, number)
    );
    -- Pictures and PDFs do not shrink: stored as they are, they are measured without being read.
    ALTER TABLE support_pieces ALTER COLUMN content SET STORAGE EXTERNAL;
"""

SEEN = {
    "support_attachments": "EXISTS (SELECT FROM support_entries WHERE support_entries.id = support_attachments.entry_id)",
    "support_pieces": "EXISTS (SELECT FROM support_entries WHERE support_entries.id = support_pieces.entry_id)",
}


def upgrade() -> None:
    """Create the tables, and bind their rows to who may see the entry."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(_TABLES)
    for statement in conditions(SEEN):
        op.execute(statement)
