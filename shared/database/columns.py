"""Columns of one type, declared together; columns that hold domain values as JSON."""

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Boolean, Column, DateTime, Dialect, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

INSTANT = DateTime(timezone=True)
ColumnType = type[TypeEngine[Any]] | TypeEngine[Any]


def required(kind: ColumnType, *names: str) -> list[Column[Any]]:
    """Return columns of one type that always have a value."""
    return [Column(name, kind, nullable=False) for name in names]


def optional(kind: ColumnType, *names: str) -> list[Column[Any]]:
    """Return columns of one type that may be null."""
    return [Column(name, kind) for name in names]


def flags(*names: str) -> list[Column[Any]]:
    """Return columns that are false until something sets them."""
    return [Column(name, Boolean, nullable=False, server_default=text("false")) for name in names]


def counters(*names: str) -> list[Column[Any]]:
    """Return columns that begin at 0."""
    return [Column(name, Integer, nullable=False, server_default=text("0")) for name in names]


class Json(TypeDecorator[Any]):
    """A `jsonb` column whose values are of one shape: a dataclass, or a tuple or union of them. None is stored as NULL."""

    impl = JSONB
    cache_ok = True

    def __init__(self, shape: Any) -> None:
        """Take the type of the values, as an annotation would name it."""
        super().__init__(none_as_null=True)
        self.shape = shape
        self._adapter: TypeAdapter[Any] = TypeAdapter(shape)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 -- SQLAlchemy's signature
        """Return a value as plain JSON types."""
        return None if value is None else self._adapter.dump_python(value, mode="json", by_alias=True)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 -- SQLAlchemy's signature
        """Return a value of the column's shape."""
        return None if value is None else self._adapter.validate_python(value)
