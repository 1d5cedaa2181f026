"""What every event contract has in common."""

from datetime import date
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.attendance.sessions import Half


class Part(BaseModel):
    """A piece of an event: frozen, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)

    @classmethod
    def of(cls, source: object, **differing: object) -> Self:
        """Return this made from an object: each field from the attribute of its name, or from `differing`, pieces within alike.

        Raises pydantic's ValidationError where a field without a default is in neither, or does not fit.
        """
        alike = {name: getattr(source, name) for name in cls.model_fields if name not in differing and hasattr(source, name)}
        return cls.model_validate(alike | differing)


class Event(Part):
    """A fact that one service publishes. Ids and state only: no name, address, contact or birth date."""

    topic: ClassVar[str]
    """The producing service."""
    name: ClassVar[str]
    """The name in the design, without its version."""
    contract_version: ClassVar[int] = 1
    key_field: ClassVar[str]
    """The field whose events must stay in order."""

    @classmethod
    def type(cls) -> str:
        """Return the CloudEvents type."""
        return f"{cls.name}.v{cls.contract_version}"

    @property
    def key(self) -> str:
        """Return what must stay in order, as text."""
        return str(getattr(self, self.key_field))


class SessionRef(Part):
    """One session: a date and its half."""

    date: date
    session: Half


class Period(Part):
    """First and last day, both included (`from` and `to` on the wire)."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    start: date = Field(alias="from")
    end: date = Field(alias="to")


class RelianceSession(SessionRef):
    """A session that is relied on: with the code and the version of the mark at that moment."""

    code: str
    urn: int
    version: int


Findings = tuple[dict[str, Any], ...]
"""Findings as `shared.law.Finding.as_json` gives them."""
