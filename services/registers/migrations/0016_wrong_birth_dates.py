"""Two records of one child with different dates of birth: the officer who puts them together says which one is wrong, and why."""

from alembic import op

revision = "0016"
down_revision = "0015"

_STATEMENTS = """
ALTER TABLE pupil_mergers ADD COLUMN wrong_birth uuid;
ALTER TABLE pupil_mergers ADD COLUMN wrong_birth_reason text;
ALTER TABLE pupil_mergers ADD CONSTRAINT ck_pupil_mergers_wrong_birth CHECK (
    (wrong_birth IS NULL) = (wrong_birth_reason IS NULL) AND coalesce(wrong_birth IN (survivor, absorbed), true)
)
"""

# As before, and this is part of the decision.
_KEEP = """
CREATE OR REPLACE FUNCTION keep_merger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.undone_at IS NOT NULL
       OR (NEW.id, NEW.survivor, NEW.absorbed, NEW.reason, NEW.decided_at, NEW.decided_by, NEW.role, NEW.wrong_birth, NEW.wrong_birth_reason)
          IS DISTINCT FROM
          (OLD.id, OLD.survivor, OLD.absorbed, OLD.reason, OLD.decided_at, OLD.decided_by, OLD.role, OLD.wrong_birth, OLD.wrong_birth_reason)
    THEN
        RAISE EXCEPTION 'a merger is kept as it was decided';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Add the columns, and keep them as decided."""
    for statement in _STATEMENTS.split(";"):
        op.execute(statement)
    op.execute(_KEEP)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
