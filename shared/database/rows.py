"""From a statement to typed rows: what leaves a repository is a dataclass, a scalar or a domain object, never the driver's row."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Executable

from shared.database.connection import Transaction

R = TypeVar("R")


async def fetch_all(tx: Transaction, statement: Executable, into: Callable[..., R], parameters: Mapping[str, Any] | None = None) -> list[R]:
    """Return every row of a statement; `into` (a row dataclass, or a function) is called with the columns as keyword arguments."""
    return [into(**row) for row in (await tx.execute(statement, parameters)).mappings()]


async def fetch_one(
    tx: Transaction, statement: Executable, into: Callable[..., R], parameters: Mapping[str, Any] | None = None
) -> R | None:
    """Return the first row of a statement, made by `into` as in `fetch_all`; None where there is none."""
    row = (await tx.execute(statement, parameters)).mappings().first()
    return None if row is None else into(**row)
