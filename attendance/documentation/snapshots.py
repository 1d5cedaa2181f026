"""Snapshots of the event contracts, and which changes of one would break its readers.

A reader may be older than the producer, and an event may be older than its reader. So fields may be added if they are optional;
whatever else changes is a new version of the event, published beside the old one until nobody reads that.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson
from pydantic import JsonValue
from pydantic.json_schema import JsonSchemaValue

from attendance.documentation.catalogue import ROOT, as_json
from shared.contracts.event import Event
from shared.messaging.contracts import contracts

FOLDER = ROOT / "tests" / "shared" / "contracts" / "snapshots"

ANNOTATIONS = ("title", "description", "default", "examples")
"""Keys of a schema that explain it and bind nobody."""


def snapshot(contract: type[Event]) -> JsonSchemaValue:
    """Return what a contract promises: its type, topic, key and JSON schema."""
    schema = _without_titles(contract.model_json_schema())
    return {"type": contract.type(), "topic": contract.topic, "key": contract.key_field, "schema": schema}


def files() -> dict[Path, str]:
    """Return every snapshot as it should be on disk."""
    return {FOLDER / f"{name}.json": as_json(snapshot(contract)) for name, contract in sorted(contracts().items())}


def broken_promises() -> list[str]:
    """Return what the code's contracts changed, against their committed snapshots, that only a new version may change."""
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        before = orjson.loads(path.read_bytes())
        now = contracts().get(path.stem)
        changes = list(breaking_changes(before, snapshot(now))) if now else ["the event is no longer defined"]
        found += [f"{path.stem}: {change}: publish a new version (`.v2`) beside it" for change in changes]
    return found


def breaking_changes(before: JsonSchemaValue, now: JsonSchemaValue) -> Iterator[str]:
    """Yield each change between two snapshots of one event that breaks a reader or an event that is still on its way."""
    for what in ("topic", "key"):
        if before[what] != now[what]:
            yield f"its {what} changed from `{before[what]}` to `{now[what]}`"
    yield from _Comparison(before["schema"], now["schema"]).changes("", before["schema"], now["schema"])


class _Comparison:
    """Two JSON schemas, side by side, each with its definitions."""

    def __init__(self, before: JsonSchemaValue, now: JsonSchemaValue) -> None:
        self._before = before.get("$defs", {})
        self._now = now.get("$defs", {})

    def changes(self, where: str, before: JsonSchemaValue, now: JsonSchemaValue) -> Iterator[str]:
        """Yield what changed at a path in the schemas, and below it."""
        before, now = _resolved(before, self._before), _resolved(now, self._now)
        if _shape(before) != _shape(now):
            yield f"`{where or 'the event'}` changed its type"
            return
        for old, new in zip(before.get("anyOf", ()), now.get("anyOf", ()), strict=True):
            yield from self.changes(where, old, new)
        for old, new in zip(before.get("prefixItems", ()), now.get("prefixItems", ()), strict=True):
            yield from self.changes(f"{where}[]", old, new)
        for inner, path in (("items", f"{where}[]"), ("additionalProperties", f"{where}{{}}")):
            if isinstance(before.get(inner), Mapping):
                yield from self.changes(path, before[inner], now[inner])
        yield from self._fields(where, before, now)

    def _fields(self, where: str, before: JsonSchemaValue, now: JsonSchemaValue) -> Iterator[str]:
        old, new = before.get("properties", {}), now.get("properties", {})
        needed = set(now.get("required", ())) - set(before.get("required", ()))
        for name, schema in old.items():
            path = f"{where}.{name}" if where else name
            if name not in new:
                yield f"the field `{path}` is gone (removed or renamed)"
                continue
            yield from self.changes(path, schema, new[name])
        for name in sorted(needed):
            path = f"{where}.{name}" if where else name
            yield f"the field `{path}` is now required" if name in old else f"the new field `{path}` is required"


def _resolved(schema: JsonSchemaValue, definitions: Mapping[str, JsonSchemaValue]) -> JsonSchemaValue:
    return definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _shape(schema: JsonSchemaValue) -> JsonSchemaValue:
    """Return what binds at this level itself, without what is below it."""
    below = {"properties", "required", "$defs"}
    shape = {key: value for key, value in schema.items() if key not in ANNOTATIONS and key not in below}
    for key in ("anyOf", "prefixItems"):
        if key in shape:
            shape[key] = len(shape[key])
    for key in ("items", "additionalProperties"):
        if isinstance(shape.get(key), Mapping):
            shape[key] = ...
    if "enum" in shape:
        shape["enum"] = sorted(map(str, shape["enum"]))
    return shape


def _without_titles(schema: JsonValue) -> JsonValue:
    if isinstance(schema, dict):
        # A *field* may be called `title`; then its value is a schema, not a text.
        return {key: _without_titles(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    return [_without_titles(each) for each in schema] if isinstance(schema, list) else schema
