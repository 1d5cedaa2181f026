"""Which provisions a decision applied, so that it can be explained years later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One provision applied: which, in which version, to which facts, with what outcome."""

    provision: str
    reference: str
    href: str
    since: date
    value: Any
    outcome: str
    facts: Mapping[str, Any]

    @classmethod
    def from_json(cls, published: Mapping[str, Any]) -> "Finding":
        """Return the finding that was published as plain JSON types; its facts keep those."""
        named = {name: published[name] for name in ("provision", "reference", "href", "value", "outcome", "facts")}
        return cls(since=date.fromisoformat(published["version"]), **named)

    def as_json(self) -> dict[str, Any]:
        """Return the finding in plain JSON types."""
        return {
            "provision": self.provision,
            "reference": self.reference,
            "href": self.href,
            "version": self.since.isoformat(),
            "value": to_json(self.value),
            "outcome": self.outcome,
            "facts": to_json(dict(self.facts)),
        }


_JSON_TYPES = frozenset({str, int, float, bool, type(None)})


def to_json(value: Any) -> Any:
    """Turn dates, enums and sequences into JSON types."""
    if type(value) in _JSON_TYPES:  # most are, and this is asked a hundred thousand times a minute
        return value
    if isinstance(value, dict | Mapping):
        return {str(key): to_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(each) for each in value]
    if isinstance(value, Enum):
        return to_json(value.value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)
