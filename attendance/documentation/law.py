"""`docs/law.md`: every number of the law, with its history and the instrument that set it."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import JsonValue

from attendance.documentation.catalogue import ROOT
from shared.attendance.register_codes import all_codes

FILE = ROOT / "docs" / "law.md"

INTRODUCTION = """# The law in numbers

Made by `python -m attendance.documentation` from `services/*/law/*.toml` and `shared/`. Do not edit.

`national` holds for everyone; a policy pack adds to it, or replaces a whole parameter, for the authorities that it names (and, if it is
the installation's, for those that have none of their own). The value in force on a day is the newest whose `since` is not after it.
What is no more than this product's reading or a local practice says `[policy]`.
"""


def files() -> dict[Path, str]:
    """Return the tables of parameters."""
    return {FILE: "\n".join(_lines()) + "\n"}


def sources() -> list[Path]:
    """Return every file of dated parameters."""
    return sorted((ROOT / "shared").glob("*/law/*.toml")) + sorted((ROOT / "services").glob("*/law/*.toml"))


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    for path in sources():
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        pack = tables.pop("pack", {})
        bound = f", for authority {', '.join(pack['la_codes'])}" if pack.get("la_codes") else ""
        yield f"\n## {path.parent.parent.name} · {path.stem}{bound}\n"
        yield f"`{path.relative_to(ROOT)}`"
        for name, parameter in tables.items():
            yield from _parameter(name, **parameter)
    yield from _register_codes()


def _parameter(name: str, description: str, unit: str, history: list[Mapping[str, JsonValue]]) -> Iterator[str]:
    yield f"\n### {name}\n"
    yield f"{description}\n"
    yield f"| since | value ({unit}) | set by |"
    yield "|---|---|---|"
    for entry in sorted(history, key=lambda each: str(each["since"]), reverse=True):
        yield f"| {entry['since']} | {_value(entry['value'])} | {_source(str(entry['reference']), str(entry['href']))} |"


def _register_codes() -> Iterator[str]:
    yield "\n## Codes of the register\n"
    yield "`shared/attendance/register_codes.toml`. What a code counts as for a threshold is each authority's policy, above.\n"
    yield "| code | meaning | sessions | counts as | since | until | set by |"
    yield "|---|---|---|---|---|---|---|"
    for code in all_codes():
        until = code.until or ""
        halves, source = ", ".join(code.sessions), _source(code.reference, code.href)
        yield f"| `{code.code}` | {code.meaning} | {halves} | {code.category} | {code.since} | {until} | {source} |"


def _source(reference: str, href: str) -> str:
    return f"[{reference.replace('[', '(').replace(']', ')')}]({href})"


def _value(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_value(each)}" for key, each in value.items())
    return str(value)
