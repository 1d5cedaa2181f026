"""The codes of the attendance register, dated (SI 2024/208 reg. 10(3), and what held before it).

What a code *counts* as for a threshold is the policy of each authority, and no business of this table.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from shared.attendance.sessions import Half

Category = Literal["attending", "authorised", "unauthorised", "not-possible", "none"]
"""How a code counts in attendance figures; `none` is no mark at all."""


@dataclass(frozen=True, slots=True)
class RegisterCode:
    """One code as it may be entered from `since` to `until` (both included), in which halves of the day."""

    code: str
    meaning: str
    sessions: tuple[Half, ...]
    category: Category
    since: date
    until: date | None
    reference: str
    href: str


@cache
def all_codes() -> tuple[RegisterCode, ...]:
    """Return every code of every time, the newest table first."""
    tables = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["tables"]
    return tuple(_code(table, entry) for table in tables for entry in table["codes"])


def codes_on(day: date) -> Mapping[str, RegisterCode]:
    """Return the codes that could be entered for a session of that day, by code."""
    return _regimes()[1][bisect_right(_regimes()[0], day)]


@cache
def _regimes() -> tuple[list[date], list[Mapping[str, RegisterCode]]]:
    """Return the days on which the table changed, and the table before the first and from each of them."""
    codes = all_codes()
    changes = sorted({each.since for each in codes} | {each.until + timedelta(days=1) for each in codes if each.until})
    days = [changes[0] - timedelta(days=1), *changes]
    return changes, [
        MappingProxyType({each.code: each for each in codes if each.since <= day and (each.until is None or day <= each.until)})
        for day in days
    ]


def _code(table: dict[str, Any], entry: dict[str, Any]) -> RegisterCode:
    return RegisterCode(
        code=entry["code"],
        meaning=entry["meaning"],
        sessions=tuple(entry.get("sessions", ("AM", "PM"))),
        category=entry["category"],
        since=table["since"],
        until=table.get("until"),
        reference=table["reference"],
        href=table["href"],
    )
