"""Names are compared without apostrophes, and with hyphens as spaces: those that are stored get the key that they would get now."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Fold the names of contacts as `domain/parents.py` does."""
    op.execute(r"""
        UPDATE contacts
        SET name_key = trim(regexp_replace(translate(name_key, E'\u0027\u2019\u2018`\u02bc', ''), E'[-\u2010\u2013., ]+', ' ', 'g'))
        WHERE name_key ~ E'[\u0027\u2019\u2018`\u02bc\u2010\u2013.,-]'
    """)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
