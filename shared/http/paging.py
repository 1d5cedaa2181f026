"""Keyset paging: `?limit&after`, answered by `{items, next}`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Self, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel

from shared.problems import Invalid

_NUMBER = re.compile(r"[0-9]{1,18}")
R = TypeVar("R")
T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page; `next` is what to send as `after` for the following one, null at the end."""

    items: list[T]
    next: str | None = None

    @classmethod
    def of(cls, rows: Sequence[R], limit: int, key: Callable[[R], object]) -> Self:
        """Make a page of rows of which `limit + 1` were asked for; `key` gives a row's place in the order."""
        shown: list[Any] = list(rows[:limit])
        return cls(items=shown, next=str(key(shown[-1])) if len(rows) > limit else None)


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page is asked for."""

    limit: int
    after: str | None

    @property
    def after_id(self) -> UUID | None:
        """Return `after` where the order is that of ids; raise Invalid where it is none."""
        try:
            return UUID(self.after) if self.after else None
        except ValueError:
            raise Invalid("`after` is the `next` of the page before.") from None

    @property
    def after_number(self) -> int:
        """Return `after` where the order is that of numbers, 0 for the first page; raise Invalid where it is none that is stored."""
        if self.after and not _NUMBER.fullmatch(self.after):
            raise Invalid("`after` is the `next` of the page before.")
        return int(self.after or 0)


def _paging(
    limit: Annotated[int, Query(ge=1, le=500, description="How many items at most")] = 100,
    after: Annotated[str | None, Query(max_length=200, description="The `next` of the page before")] = None,
) -> PageQuery:
    return PageQuery(limit, after)


Paging = Annotated[PageQuery, Depends(_paging)]
"""The page that a request asks for."""
