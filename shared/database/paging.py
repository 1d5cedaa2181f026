"""Lists, a page at a time: in an order in which no two rows are alike, after a row of it, with how many rows there are in all."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, ColumnElement, Label, Select, func, literal, select, tuple_

from shared.database.connection import Transaction
from shared.problems import Invalid

R = TypeVar("R")
T = TypeVar("T")

COUNTED = 100_000
"""Rows that are counted at most: whoever looks through a longer list is not helped by its exact length."""


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page of a list is asked for: at most `limit` rows, after the row that `after` names; None or empty: from the beginning."""

    limit: int = 100
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order in which no two rows are alike: by these columns, each of which always has a value, the last one different in every row."""

    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Listed(Generic[R]):
    """One page of a list.

    `first`: the number of its first row in the whole list, counted from 1. `total`: of how many rows, None beyond COUNTED.
    `next`, `previous`: what to ask for as `after` to see the pages beside it, None where there is none.
    """

    rows: Sequence[R]
    total: int | None
    first: int = 1
    next: str | None = None
    previous: str | None = None

    def with_rows(self, rows: Sequence[T]) -> "Listed[T]":
        """Return the same page with other rows, one for each."""
        return Listed(rows, self.total, self.first, self.next, self.previous)


async def fetch_page(tx: Transaction, query: Select[*tuple[Any, ...]], into: Callable[..., R], order: Order, page: PageQuery) -> Listed[R]:
    """Return a page of what a query selects, each row made by `into` as in `fetch_all`. Raise Invalid where `after` is not one of this list's."""
    after = _position(order, page.after)
    labels = _labelled(order)
    found = (query if after is None else query.where(_beyond(order, after))).add_columns(*labels)
    rows, keys = [], []
    for row in (await tx.execute(found.order_by(*_ordered(order)).limit(page.limit + 1))).mappings():
        columns = dict(row)
        keys.append([columns.pop(label.name) for label in labels])
        rows.append(into(**columns))
    before, previous = 0, None
    if after is not None:
        passed = query.where(_up_to(order, after))
        before, previous = await _count(tx, passed), await _previous(tx, passed, order, page.limit)
    # A list that ends on this page needs no counting; what was added between two questions makes no list shorter than its pages.
    more, rows = len(rows) > page.limit, rows[: page.limit]
    total = max(await _count(tx, query), before + len(rows)) if more else before + len(rows)
    return Listed(rows, total if total <= COUNTED else None, before + 1, _text(keys[page.limit - 1]) if more else None, previous)


async def _count(tx: Transaction, query: Select[*tuple[Any, ...]]) -> int:
    counted = select(func.count()).select_from(query.limit(COUNTED + 1).subquery())
    return int((await tx.execute(counted)).scalar_one())


async def _previous(tx: Transaction, passed: Select[*tuple[Any, ...]], order: Order, limit: int) -> str:
    """Return what to ask for as `after` to see the page before: empty for the first page."""
    back = Order(order.columns, not order.descending)
    keyed = passed.add_columns(*_labelled(order)).order_by(*_ordered(back)).offset(limit).limit(1)
    found = (await tx.execute(keyed)).first()
    return _text(found[-len(order.columns) :]) if found else ""


def _labelled(order: Order) -> list[Label[Any]]:
    return [column.label(f"_{number}") for number, column in enumerate(order.columns)]


def _ordered(order: Order) -> list[ColumnElement[Any]]:
    return [column.desc() if order.descending else column.asc() for column in order.columns]


def _beyond(order: Order, after: Sequence[Any]) -> ColumnElement[bool]:
    here, there = tuple_(*order.columns), _key(order, after)
    return here < there if order.descending else here > there


def _up_to(order: Order, after: Sequence[Any]) -> ColumnElement[bool]:
    here, there = tuple_(*order.columns), _key(order, after)
    return here >= there if order.descending else here <= there


def _key(order: Order, after: Sequence[Any]) -> ColumnElement[Any]:
    return tuple_(*(literal(value, column.type) for value, column in zip(after, order.columns, strict=True)))


def _text(key: Sequence[Any]) -> str:
    """Return the place of a row in the order, as text for an address."""
    return base64.urlsafe_b64encode(orjson.dumps([*key], default=str)).decode().rstrip("=")


def _position(order: Order, after: str | None) -> list[Any] | None:
    """Return the place that `after` names; raise Invalid where it is none in this order."""
    if not after:
        return None
    try:
        values = orjson.loads(base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True))
        if not isinstance(values, list):
            raise TypeError
        return [_value(value, column) for value, column in zip(values, order.columns, strict=True)]
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise Invalid("`after` is the `next` of the page before.") from None


def _value(value: Any, column: ColumnElement[Any]) -> Any:
    kind = column.type.python_type
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    if kind is UUID:
        return UUID(value)
    longest = 2**63 if isinstance(column.type, BigInteger) else 2**31
    if type(value) is not kind or (kind is int and not -longest <= value < longest) or (kind is str and "\x00" in value):
        raise TypeError
    return value
