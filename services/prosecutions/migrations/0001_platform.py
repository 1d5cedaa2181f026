"""The platform's tables."""

from shared.database.platform import create_0001

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create outbox, inbox, offsets, dead letters and idempotency keys."""
    create_0001()
