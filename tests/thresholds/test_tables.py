"""Tables and migrations agree."""

from services.thresholds.tables import metadata
from shared.database import Transaction
from shared.database.migrations import differences


async def test_migrations_make_the_tables_that_the_code_believes_in(tx: Transaction):
    assert await tx.run_sync(differences, metadata) == []
