"""Values that several responses contain."""

from datetime import date
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from shared.attendance.sessions import Half

T = TypeVar("T")


class ServiceResponse(BaseModel):
    """The response of a service, or a part of one: frozen, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ListResponse(ServiceResponse, Generic[T]):
    """One page of a list; `next` and `previous` are the cursors of those beside it, null where there is none, empty for the first page."""

    items: list[T]
    next: str | None = None
    previous: str | None = None
    first: int = 1
    total: int | None = None

    @property
    def count(self) -> str:
        """Return how many items the list has, as it is written: with a plus where there are too many to be counted."""
        return (
            f"{self.total:,}"
            if self.total is not None
            else f"{self.first + len(self.items) - 1:,}+"
            if self.next
            else f"{len(self.items):,}"
        )

    @property
    def span(self) -> str:
        """Return which items of the list this page shows, such as "1 to 50 of 384"."""
        last = self.first + len(self.items) - 1
        return f"{self.first:,} to {last:,} of {f'{self.total:,}' if self.total is not None else f'more than {last:,}'}"


class Period(ServiceResponse):
    """First and last day."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")


class Session(ServiceResponse):
    """A session, with the code of its mark if it has one."""

    date: date
    session: Half
    code: str | None = None
    urn: int | None = None


class Finding(ServiceResponse):
    """One provision applied: in which version, to which facts, with what outcome."""

    provision: str
    reference: str
    href: str
    version: date
    value: JsonValue = None
    outcome: str
    facts: dict[str, JsonValue] = {}
