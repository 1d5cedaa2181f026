"""Statutory and policy numbers as dated data.

A TOML table per parameter: `description`, `unit`, and a `history` of (`since`, `value`, `reference`, `href`).
`national.toml` holds for everyone; a policy pack (`essex.toml`, `england.toml`) adds to it or replaces a whole parameter.
A pack that belongs to an authority names it: `[pack] la_codes = ["881"]`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from shared.law.findings import Finding


@dataclass(frozen=True, slots=True)
class Provision:
    """One value of a parameter and the instrument that set it."""

    name: str
    value: Any
    unit: str
    since: date
    reference: str
    href: str
    description: str

    def finding(self, outcome: str, **facts: Any) -> Finding:
        """Return the finding of a decision that applied this provision to these facts."""
        return Finding(self.name, self.reference, self.href, self.since, self.value, outcome, facts)


class UnknownProvisionError(LookupError):
    """No such parameter, or none in force on that day."""


@dataclass(frozen=True, slots=True)
class Law:
    """The parameters of one policy pack: ask it for the value on a statutory day."""

    pack: str
    history: Mapping[str, tuple[Provision, ...]]

    def at(self, name: str, day: date) -> Provision:
        """Return the provision in force on `day`; raise UnknownProvisionError where there is none."""
        for provision in self.history.get(name, ()):
            if provision.since <= day:
                return provision
        raise UnknownProvisionError(f"{name} on {day} in {self.pack}")


@dataclass(frozen=True, slots=True)
class Statutes:
    """All packs of a service: `for_authority` picks the one that binds an authority."""

    packs: Mapping[str, Law]
    authorities: Mapping[str, str]

    def for_authority(self, la_code: str, default: str) -> Law:
        """Return the authority's own pack, or the installation's."""
        return self.packs[self.authorities.get(la_code, default)]


def load(*folders: Path) -> Statutes:
    """Read every folder's `national.toml` and the packs beside the last one; the newest value of a parameter comes first."""
    national = {name: table for folder in folders for name, table in _read(folder / "national.toml").items()}
    packs, authorities = {}, {}
    for path in sorted(folders[-1].glob("*.toml")):
        if path.stem == "national":
            continue
        own = _read(path)
        for la_code in own.pop("pack", {}).get("la_codes", []):
            authorities[la_code] = path.stem
        packs[path.stem] = Law(path.stem, {name: _history(name, table) for name, table in {**national, **own}.items()})
    if not packs:
        packs["national"] = Law("national", {name: _history(name, table) for name, table in national.items()})
    return Statutes(packs, authorities)


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _history(name: str, table: dict[str, Any]) -> tuple[Provision, ...]:
    entries = (
        Provision(name, e["value"], table["unit"], e["since"], e["reference"], e["href"], table["description"]) for e in table["history"]
    )
    return tuple(sorted(entries, key=lambda provision: provision.since, reverse=True))
