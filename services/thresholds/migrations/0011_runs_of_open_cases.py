"""Which sessions a closed case leaves to the runs of other open cases; runs whose case a newer run took are closed."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column and the steps.

    Until now a newer run took the open case of an older one: only the newest run of a record may have an open case of its own.
    """
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE closed_cases ADD COLUMN kept jsonb DEFAULT '[]'")
    op.execute("""
        INSERT INTO run_steps (run_id, revision, pupil_id, step, judgement)
        SELECT run_id, revision + 1, pupil_id, 'closed', judgement FROM (
            SELECT DISTINCT ON (run_id) run_id, revision, pupil_id, step, judgement FROM run_steps ORDER BY run_id, revision DESC
        ) AS last
        WHERE step <> 'closed' AND EXISTS (SELECT FROM run_steps AS newer WHERE newer.pupil_id = last.pupil_id AND newer.run_id > last.run_id)
    """)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
