"""Contacts of one name are found by what they share besides: a name alone may be that of thousands."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Create the indexes in place of the one by name."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for shared in ("postcode_key", "email_key", "phone_key"):
        op.execute(f"CREATE INDEX ix_contacts_{shared} ON contacts ({shared}, name_key) WHERE {shared} IS NOT NULL")
    op.execute("DROP INDEX ix_contacts_name_key")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
