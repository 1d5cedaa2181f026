"""Who sends a letter: the local authority in whose area the school is."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Authority:
    """A local authority's name and its address for payment and letters (empty where none is listed)."""

    code: str
    name: str
    address: tuple[str, ...]


def authority(code: str, listed: Mapping[str, Authority]) -> Authority:
    """Return the listed authority of a code, or one that is named by its code alone."""
    return listed.get(code) or Authority(code, f"The local authority (code {code})", ())
