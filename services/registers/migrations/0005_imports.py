"""Imports of files, and marks that came by one."""

from alembic import op

revision = "0005"
down_revision = "0004"

_STATEMENTS = """
-- squawk-ignore ban-drop-constraint
ALTER TABLE receipts DROP CONSTRAINT ck_receipts_source;
ALTER TABLE receipts ADD CONSTRAINT ck_receipts_source CHECK (source IN ('register', 'amendment', 'release', 'import'));
CREATE TABLE imports (
    id uuid CONSTRAINT pk_imports PRIMARY KEY,
    state text NOT NULL DEFAULT 'received' CONSTRAINT ck_imports_state CHECK (state IN ('received', 'running', 'done', 'failed')),
    format text NOT NULL CONSTRAINT ck_imports_format CHECK (format IN ('ctf', 'csv', 'xlsx', 'wonde')),
    name text,
    mapping text,
    urn integer,
    schools integer[],
    la_code text,
    size bigint NOT NULL,
    sha256 bytea NOT NULL,
    caller text NOT NULL,
    made_by text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    ended_at timestamptz,
    total bigint,
    position bigint NOT NULL DEFAULT 0,
    recorded bigint NOT NULL DEFAULT 0,
    amended bigint NOT NULL DEFAULT 0,
    unchanged bigint NOT NULL DEFAULT 0,
    ignored bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    trouble text
);
CREATE INDEX ix_imports_open ON imports (id) WHERE state IN ('received', 'running');
CREATE TABLE import_pieces (
    import_id uuid NOT NULL CONSTRAINT fk_import_pieces_import_id REFERENCES imports (id),
    number integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT pk_import_pieces PRIMARY KEY (import_id, number)
);
CREATE TABLE import_refusals (
    import_id uuid NOT NULL CONSTRAINT fk_import_refusals_import_id REFERENCES imports (id),
    number bigint NOT NULL,
    line integer NOT NULL,
    school text NOT NULL,
    upn text NOT NULL,
    date text NOT NULL,
    session text NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    kept_apart boolean NOT NULL,
    CONSTRAINT pk_import_refusals PRIMARY KEY (import_id, number)
);
"""


def upgrade() -> None:
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError
