"""A letter about one thing may go to each of several parents."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Let the parent be part of what makes a letter the same."""
    op.execute("-- squawk-ignore ban-drop-constraint\nALTER TABLE letters DROP CONSTRAINT uq_letters_about_kind")
    op.execute("-- squawk-ignore disallowed-unique-constraint\nALTER TABLE letters ADD CONSTRAINT uq_letters_about_kind_parent_id UNIQUE (about, kind, parent_id)")
