"""Comparable names of parents consist of letters and digits alone, as those of pupils do."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Take spaces and signs out of the names that are stored; `stored_at` stays, since nothing was sent."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(r"UPDATE contacts SET name_key = regexp_replace(name_key, '[[:space:][:punct:]]', '', 'g') WHERE name_key ~ '[[:space:][:punct:]]'")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
