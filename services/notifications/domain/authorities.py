"""Who sends a letter: the local authority in whose area the school is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Authority:
    """A local authority's name and its address for payment and letters (empty where it is not known)."""

    code: str
    name: str
    address: tuple[str, ...]


def authority(code: str, listed: Mapping[str, Any]) -> Authority:
    """Return the authority of a code from `authorities.toml`, or one that is named by its code alone."""
    if code in listed:
        return Authority(code, listed[code]["name"], tuple(listed[code]["address"]))
    return Authority(code, f"The local authority (code {code})", ())
