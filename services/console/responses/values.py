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
    """One page of a list; `next` is the cursor of the following one, if there is one."""

    items: list[T]
    next: str | None = None


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
