"""`docs/states.md`: the state machines, drawn from the tables of transitions that the code moves by."""

from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

from attendance.documentation.catalogue import ROOT, services

Transitions = Mapping[tuple[object, object], object]
FILE = ROOT / "docs" / "states.md"

INTRODUCTION = """# States

Made by `python -m attendance.documentation` from the tables of transitions in `services/*/domain`. Do not edit.
An arrow names what happened; there is no way but along the arrows.
"""


def files() -> dict[Path, str]:
    """Return the diagrams."""
    return {FILE: "\n".join(_lines()) + "\n"}


def tables() -> Iterator[tuple[str, str, Transitions]]:
    """Find every table of transitions: its module, its name, and `{(from, to): event}`; the first `from` is where it begins."""
    for service in services():
        for module in _rules(service):
            for name, value in sorted(vars(module).items()):
                if name.endswith("TRANSITIONS") and isinstance(value, Mapping) and not _imported(module, name, value):
                    yield module.__name__, name, value


def _rules(service: str) -> Iterator[ModuleType]:
    """Give every module of rules of a service, or of its parts."""
    package = f"services.{service}"
    for each in sorted(walk_packages(import_module(package).__path__, f"{package}."), key=lambda found: found.name):
        if "domain" in each.name.split("."):
            yield import_module(each.name)


def _imported(module: ModuleType, name: str, value: object) -> bool:
    """Return whether a package only imports a table that one of its modules defines."""
    if not hasattr(module, "__path__"):
        return False
    return any(vars(import_module(each.name)).get(name) is value for each in walk_packages(module.__path__, f"{module.__name__}."))


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    for module, name, table in tables():
        yield f"\n## {_heading(module, name)}\n"
        yield f"`{name}` in `{module.replace('.', '/')}.py`\n"
        yield "```mermaid\nstateDiagram-v2"
        first, *_ = states = list(dict.fromkeys(_state(each) for pair in table for each in pair))
        sources = {_state(start) for start, _ in table}
        if first != "[*]":
            yield f"    [*] --> {first}"
        yield from (f"    {_state(start)} --> {_state(to)}: {_text(event)}" for (start, to), event in table.items())
        yield from (f"    {state} --> [*]" for state in states if state not in sources)
        yield "```"


def _heading(module: str, name: str) -> str:
    _, service, *path = module.split(".")
    part, rest = path[: path.index("domain")], path[path.index("domain") + 1 :]
    prefix = name.removesuffix("TRANSITIONS").rstrip("_").replace("_", " ").lower()
    return f"{service} · {prefix or ' '.join(rest or part).replace('_', ' ')}"


def _state(state: object) -> str:
    # Mermaid allows no hyphen in the name of a state.
    return "[*]" if state is None else _text(state).replace("-", "_")


def _text(value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, tuple | list | set | frozenset):
        return " / ".join(_text(each) for each in value)
    return str(value)
