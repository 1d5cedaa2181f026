"""Two records of one child: what is known of either is known of the child."""

from alembic import op

revision = "0006"
down_revision = "0005"

_RECORDS = """
CREATE FUNCTION records_of(pupil uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH child (id) AS (SELECT coalesce((SELECT same_as FROM pupils WHERE id = pupil), pupil))
    SELECT id FROM child UNION ALL SELECT pupils.id FROM pupils JOIN child ON same_as = child.id
$$
"""


def upgrade() -> None:
    """Make the column, its index, and what finds the records of a child (a pupil of whom nothing was heard has one)."""
    op.execute("ALTER TABLE pupils ADD COLUMN same_as uuid")
    op.execute("CREATE INDEX ix_pupils_same_as ON pupils (same_as, id) WHERE same_as IS NOT NULL")
    op.execute(_RECORDS)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
