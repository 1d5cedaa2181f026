"""Tables and migrations agree."""

from services.thresholds.tables import METADATA
from shared.database import Transaction
from shared.database.migrations import differences


async def test_migrations_create_the_tables_of_the_code(tx: Transaction):
    assert await tx.run_sync(differences, METADATA) == []
