"""What an officer who reaches one of two parents answered, until an officer who reaches the other one answers too."""

from alembic import op

revision = "0012"
down_revision = "0011"

COLUMNS = {"confirmed_la_code": "text", "confirmed_at": "timestamptz", "confirmed_by": "text", "confirmed_role": "text", "confirmed_reason": "text"}


def upgrade() -> None:
    """Add the columns: all of them are filled, or none."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, kind in COLUMNS.items():
        op.execute(f"ALTER TABLE parent_matches ADD COLUMN {name} {kind}")
    op.execute(f"ALTER TABLE parent_matches ADD CONSTRAINT ck_parent_matches_confirmed CHECK (num_nonnulls({', '.join(COLUMNS)}) IN (0, 5))")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
