"""`docs/events.md`: the catalogue of events."""

import inspect
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic.json_schema import JsonSchemaValue

from attendance.documentation.catalogue import ROOT, consumers_of, events_of, meanings
from shared.contracts import event
from shared.contracts.event import Part
from shared.messaging.contracts import contracts
from shared.settings import SERVICES

FILE = ROOT / "docs" / "events.md"

INTRODUCTION = """# Events

Made by `python -m attendance.documentation` from `shared/contracts/`. Do not edit.

CloudEvents 1.0 in Kafka binary mode with a JSON body: the header `ce_type` is the event's name and version, the topic is the service
that publishes it, the key is what must stay in order. Events carry ids and state, and no personal data; who needs more asks the owner at
that moment. A handler applies only what is newer (`revision`), whatever arrived first. Contracts only ever grow by optional fields;
any other change is a new version beside the old one (`tests/shared/contracts`).
"""


def files() -> dict[Path, str]:
    """Return the catalogue."""
    return {FILE: "\n".join(_lines()) + "\n"}


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    yield "| event | published by | key | read by |"
    yield "|---|---|---|---|"
    for contract in contracts().values():
        readers = ", ".join(f"`{name}`" for name in consumers_of(contract)) or "none"
        yield f"| [{contract.type()}](#{_anchor(contract.type())}) | `{contract.topic}` | `{contract.key_field}` | {readers} |"
    parts: dict[str, type[Part]] = {}
    for topic in SERVICES:
        yield f"\n## {topic}"
        for contract in events_of(topic):
            yield f"\n### {contract.type()}\n"
            yield inspect.cleandoc(contract.__doc__ or "")
            yield from _table(contract, parts)
    yield "\n## Parts of events"
    done: set[str] = set()
    while waiting := sorted(set(parts) - done):
        for name in waiting:
            done.add(name)
            yield f"\n### {name}\n"
            yield inspect.cleandoc(parts[name].__doc__ or "")
            yield from _table(parts[name], parts)


def _table(part: type[Part], parts: dict[str, type[Part]]) -> Iterator[str]:
    schema = part.model_json_schema()
    meaning_of = meanings(part)
    names = {field.alias or name: name for name, field in part.model_fields.items()}
    yield "\n| field | type | meaning |"
    yield "|---|---|---|"
    for wire, field in schema.get("properties", {}).items():
        optional = "" if wire in schema.get("required", ()) else " (optional)"
        meaning = " ".join(meaning_of.get(names[wire], "").split())
        yield f"| `{wire}` | {_type(field, part, parts)}{optional} | {meaning} |"


def _type(schema: JsonSchemaValue, part: type[Part], parts: dict[str, type[Part]]) -> str:
    """Write a JSON schema in a few words, and add the parts that it names to `parts`."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        parts[name] = _find(name, part)
        return f"[{name}](#{_anchor(name)})"
    if "anyOf" in schema:
        return " or ".join(_type(each, part, parts) for each in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " \\| ".join(f"`{value}`" for value in schema.get("enum") or [schema["const"]])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}), part, parts)}"
    if isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_type(schema['additionalProperties'], part, parts)}"
    return str(schema.get("format") or {"string": "text"}.get(schema.get("type", "any"), schema.get("type", "any")))


def _find(name: str, part: type[Part]) -> type[Part]:
    """Return the part of that name, from the module that names it or from the shared ones."""
    for module in (sys.modules[part.__module__], event):
        if (found := getattr(module, name, None)) is not None:
            return found  # type: ignore[no-any-return]
    raise LookupError(name)


def _anchor(heading: str) -> str:
    return heading.lower().replace(".", "")
