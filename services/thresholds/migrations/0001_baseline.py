"""Pupils with their rolls and marks, sessions held, what relies on them, and the runs of the threshold."""

from pathlib import Path

from alembic import op

from shared.attendance.identities import create_former_upns
from shared.attendance.successions import create_successions_table
from shared.database.platform import create_platform_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    create_platform_tables()
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    create_former_upns()
    create_successions_table()
