"""Two records of one child: an officer says so, and may take it back; what schools send stays where it was sent."""

from alembic import op

revision = "0014"
down_revision = "0013"

_STATEMENTS = """
CREATE TABLE pupil_mergers (
    id uuid NOT NULL,
    survivor uuid NOT NULL,
    absorbed uuid NOT NULL,
    reason text NOT NULL,
    decided_at timestamptz NOT NULL,
    decided_by text NOT NULL,
    role text NOT NULL,
    undone_at timestamptz,
    undone_by text,
    undone_role text,
    undoing_reason text,
    CONSTRAINT pk_pupil_mergers PRIMARY KEY (id),
    CONSTRAINT fk_pupil_mergers_survivor_pupils FOREIGN KEY (survivor) REFERENCES pupils (id),
    CONSTRAINT fk_pupil_mergers_absorbed_pupils FOREIGN KEY (absorbed) REFERENCES pupils (id),
    CONSTRAINT ck_pupil_mergers_two_records CHECK (survivor <> absorbed)
);
CREATE UNIQUE INDEX uq_pupil_mergers_standing ON pupil_mergers (absorbed) WHERE undone_at IS NULL;
CREATE INDEX ix_pupil_mergers_survivor ON pupil_mergers (survivor) WHERE undone_at IS NULL;
UPDATE pupils SET said_rolls = said_rolls || '{"same_as": null}' WHERE said_rolls IS NOT NULL
"""

# A decision is added, taken back once, and never changed or deleted.
_KEEP = """
CREATE FUNCTION keep_merger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.undone_at IS NOT NULL
       OR (NEW.id, NEW.survivor, NEW.absorbed, NEW.reason, NEW.decided_at, NEW.decided_by, NEW.role)
          <> (OLD.id, OLD.survivor, OLD.absorbed, OLD.reason, OLD.decided_at, OLD.decided_by, OLD.role) THEN
        RAISE EXCEPTION 'a merger is kept as it was decided';
    END IF;
    RETURN NEW;
END $$
"""

_RECORDS = """
CREATE FUNCTION records_of(pupil uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH child (id) AS (SELECT coalesce((SELECT survivor FROM pupil_mergers WHERE absorbed = pupil AND undone_at IS NULL), pupil))
    SELECT id FROM child UNION ALL SELECT absorbed FROM pupil_mergers JOIN child ON survivor = child.id WHERE undone_at IS NULL
$$
"""

# Seen by whoever knows one of the two.
_POLICY = """
CREATE POLICY reach ON pupil_mergers USING (
    (SELECT current_setting('app.sees', true)) = 'everything'
    OR EXISTS (SELECT FROM pupils_at_schools AS known WHERE known.pupil_id IN (pupil_mergers.survivor, pupil_mergers.absorbed))
)
"""


def upgrade() -> None:
    """Make the table, what finds the records of a child, and what binds it."""
    for statement in _STATEMENTS.split(";"):
        op.execute(statement)
    op.execute(_KEEP)
    op.execute("CREATE TRIGGER keep_merger BEFORE UPDATE OR DELETE ON pupil_mergers FOR EACH ROW EXECUTE FUNCTION keep_merger()")
    op.execute(_RECORDS)
    op.execute("ALTER TABLE pupil_mergers ENABLE ROW LEVEL SECURITY")
    op.execute(_POLICY)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
