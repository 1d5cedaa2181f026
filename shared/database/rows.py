"""From a statement to typed rows: what leaves a repository is a dataclass, a scalar or a domain object, never the driver's row."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Executable, Select, Table, select
from sqlalchemy.dialects.postgresql import insert

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


def select_columns(table: Table, into: type) -> Select[Any]:
    """Return the query for those columns of a table that are the fields of a dataclass."""
    return select(*(table.c[field.name] for field in fields(into)))


def columns_of(row: Any) -> dict[str, Any]:
    """Return the fields of a dataclass by name, as the columns in which they are stored."""
    return {field.name: getattr(row, field.name) for field in fields(row)}


async def upsert(tx: Transaction, table: Table, values: Mapping[str, Any], *, newer_by: str | None = None) -> bool:
    """Store a row in place of the one with its key, with `newer_by` only where that column grows; return whether it was stored."""
    new = insert(table).values(values)
    key = [column.name for column in table.primary_key]
    grows = table.c[newer_by] < new.excluded[newer_by] if newer_by else None
    rest = {name: new.excluded[name] for name in values if name not in key}
    return bool((await tx.execute(new.on_conflict_do_update(index_elements=key, set_=rest, where=grows))).rowcount)
