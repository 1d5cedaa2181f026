"""States that must never exist, looked for as the doctor does."""

from collections.abc import Iterable

from sqlalchemy import text

from shared.database import Database
from shared.invariants import check
from shared.service import Service


async def broken_states(database: Database, service: Service) -> set[str]:
    """Return the states that must never exist and do."""
    found = [await check(database, each) for each in service.every_invariant]
    return {each.state for each in found if each}


async def plant(database: Database, statements: Iterable[str]) -> None:
    """Bring a bad state about."""
    async with database.begin() as tx:
        for statement in statements:
            await tx.execute(text(statement))
