"""Court files with their chronology, gate answers and holds; projections of notices, marks and pupils."""

from pathlib import Path

from alembic import op

from shared.attendance.identities import add_same_as, create_former_upns, create_records_of
from shared.database.platform import create_platform_tables

revision = "0001"
down_revision = None



def upgrade() -> None:
    """Create the tables that every service has, and the service's own."""
    create_platform_tables()
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    add_same_as()
    create_former_upns()
    create_records_of()
