"""Shapes that several answers have."""

from datetime import date
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from shared.attendance.sessions import Half

T = TypeVar("T")


class Answer(BaseModel):
    """A part of an answer: frozen, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Listed(Answer, Generic[T]):
    """One page of a list; `next` asks for the following one."""

    items: list[T]
    next: str | None = None


class Period(Answer):
    """First and last day."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")


class Session(Answer):
    """A session, with the code of its mark where it is known."""

    date: date
    session: Half
    code: str | None = None
    urn: int | None = None
    version: int | None = None


class Finding(Answer):
    """One provision applied: in which version, to which facts, with what outcome."""

    provision: str
    reference: str
    href: str
    version: date
    value: Any = None
    outcome: str
    facts: dict[str, Any] = {}
