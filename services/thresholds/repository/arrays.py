"""Many values in one statement: sent as arrays, of which a statement may have any length, unlike parameters."""

from collections.abc import Collection, Sequence
from typing import TypeVar

from sqlalchemy import ARRAY, Column, ColumnElement, any_, literal

T = TypeVar("T")


def among(column: Column[T], values: Collection[T]) -> ColumnElement[bool]:
    """Return the condition that a column is one of these values."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def arrays(names: str, rows: Sequence[tuple[object, ...]]) -> dict[str, list[object]]:
    """Return rows as a statement's parameters: an array for each column, by the names of the columns."""
    return {name: [row[position] for row in rows] for position, name in enumerate(names.split())}
