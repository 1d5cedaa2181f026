"""What a service holds of a fact that another service holds too, thing by thing, so that both can be compared."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The things asked for: so many of them at most, after one id, up to another or without end."""

    after: UUID
    until: UUID | None
    limit: int


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of one thing, in lines, in their order: ids, dates, codes and states, nothing personal."""

    id: UUID
    lines: tuple[str, ...]


Find = Callable[[Database, KeyRange], Awaitable[Sequence[Held]]]
"""Returns what is held of the things of a range, in the order of their ids; where there are more than the limit, so many."""


def in_one_transaction(find: Callable[[Transaction, KeyRange], Awaitable[Sequence[Held]]]) -> Find:
    """Return what finds things in the database alone."""

    async def run(database: Database, keys: KeyRange) -> Sequence[Held]:
        async with database.begin() as tx:
            return await find(tx, keys)

    return run
