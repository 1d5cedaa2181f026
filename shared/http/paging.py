"""Keyset paging: `?limit&after`, answered by `{items, next}`, with where the page stands in the whole list."""

from collections.abc import Callable
from typing import Annotated, Generic, Self, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from shared.database.paging import Listed, PageQuery

R = TypeVar("R")
T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is what to send as `after` for the following one, null at the end."""

    items: list[T]
    next: str | None = None
    previous: str | None = Field(default=None, description="What to send as `after` for the page before; empty: the first; null: none")
    first: int = Field(default=1, description="The number of the first item in the whole list")
    total: int | None = Field(description="How many items the whole list has; null beyond 100,000")

    @classmethod
    def of(cls, listed: Listed[R], show: Callable[[R], T]) -> Self:
        """Make a page of rows, each shown by `show`."""
        items = [show(row) for row in listed.rows]
        return cls(items=items, next=listed.next, previous=listed.previous, first=listed.first, total=listed.total)


def _paging(
    limit: Annotated[int, Query(ge=1, le=500, description="How many items at most")] = 100,
    after: Annotated[str | None, Query(max_length=500, description="The `next` of the page before")] = None,
) -> PageQuery:
    return PageQuery(limit, after)


Paging = Annotated[PageQuery, Depends(_paging)]
"""The page that a request asks for."""
