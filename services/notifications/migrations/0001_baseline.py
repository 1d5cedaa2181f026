"""Letters, proofs of serving, retries, messages to schools."""

from pathlib import Path

from alembic import op

from shared.attendance.successions import create_successions_table
from shared.database.platform import create_platform_tables

revision = "0001"
down_revision = None



def upgrade() -> None:
    """Create the tables that every service has, and the service's own."""
    create_platform_tables()
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    create_successions_table()
