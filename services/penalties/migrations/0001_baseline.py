"""Every table of penalties."""

from pathlib import Path

from alembic import op

from shared.attendance.identities import add_same_as, create_former_upns, create_records_of
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
    add_same_as()
    create_records_of()
