"""The sources of the documents: the services, their cards and the contracts between them."""

import ast
import inspect
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import cast

import orjson

from shared.contracts.event import Event, Part
from shared.messaging.contracts import contracts
from shared.service import Service
from shared.settings import SERVICES

ROOT = Path(__file__).parents[2]
"""Where the repository begins."""


@cache
def services() -> Mapping[str, Service]:
    """Return every service by its name, in the order of the chain."""
    return {name: cast("Service", import_module(f"services.{name}.app").SERVICE) for name in SERVICES}


def card(name: str) -> str:
    """Return a service's card: the docstring of its package."""
    return inspect.cleandoc(import_module(f"services.{name}").__doc__ or "")


def events_of(topic: str) -> Sequence[type[Event]]:
    """Return the contracts that a service publishes, in the order of their definition."""
    return [each for each in contracts().values() if each.topic == topic]


def consumers_of(contract: type[Event]) -> Sequence[str]:
    """Return the names of the services that consume a kind of event."""
    return [name for name, service in services().items() if service.consumers and contract in service.consumers.contracts]


def meanings(part: type[Part]) -> Mapping[str, str]:
    """Return the docstrings under a contract's fields, by field."""
    found: dict[str, str] = {}
    for each in reversed(part.__mro__):
        if issubclass(each, Part):
            body = cast("ast.ClassDef", ast.parse(textwrap.dedent(inspect.getsource(each))).body[0]).body
            for field, after in pairwise(body):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and (meaning := _docstring(after)):
                    found[field.target.id] = inspect.cleandoc(meaning)
    return found


def _docstring(node: ast.stmt) -> str | None:
    value = node.value.value if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) else None
    return value if isinstance(value, str) else None


def as_json(value: object) -> str:
    """Return JSON as it is committed: indented, with a line end."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n"
