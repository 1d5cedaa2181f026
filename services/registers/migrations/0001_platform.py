"""The tables that every service has."""

from shared.database.platform import create_0001

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_0001()


def downgrade() -> None:
    raise NotImplementedError
