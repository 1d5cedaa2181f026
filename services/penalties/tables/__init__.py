"""The tables of `penalties`: projections of other services' facts, cases, notices, payments."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import MetaData, Table, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from shared.attendance.successions import successions_table
from shared.database import NAMING, platform_tables

METADATA = MetaData(naming_convention=NAMING)
IDS = ARRAY(Uuid, as_tuple=True)

platform_tables(METADATA)
successions_table(METADATA)


T = TypeVar("T")


def row_of(shape: Callable[..., T]) -> Callable[..., T]:
    """Return what makes a row dataclass of the columns of its table, with the dataclasses that JSON columns hold."""
    adapter = _adapter(shape)
    return lambda **columns: adapter.validate_python(columns)


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def values_of(table: Table, row: object, **others: object) -> dict[str, Any]:
    """Return what a row dataclass holds for each column of its table; `others`: what it does not hold, by column."""
    return {column.name: others[column.name] if column.name in others else getattr(row, column.name) for column in table.columns}
