"""Whatever a request may carry has a bound, so that nobody sends what no column holds."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from attendance.documentation.catalogue import ROOT
from shared.settings import SERVICES

BOUNDS = {
    "string": {"enum", "const", "pattern", "format", "maxLength"},
    "integer": {"enum", "const", "maximum", "exclusiveMaximum"},
    "number": {"enum", "const", "maximum", "exclusiveMaximum"},
    "array": {"maxItems"},
}
UNBOUNDED = {"POST /v1/imports body.mapping"}
"""A part of a form, of which `shared/http/uploads.py` reads a megabyte at most."""


def described(service: str) -> Any:
    return json.loads((ROOT / "docs" / "openapi" / f"{service}.json").read_text(encoding="utf-8"))


def unbounded(schema: Any, schemas: Any, where: str, seen: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield what may be of any length or size within a schema."""
    if reference := schema.get("$ref"):
        name = reference.rsplit("/", 1)[1]
        if name not in seen:
            yield from unbounded(schemas[name], schemas, where, (*seen, name))
        return
    if (bounds := BOUNDS.get(schema.get("type", ""))) and bounds.isdisjoint(schema):
        yield where
    for part in [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]:
        yield from unbounded(part, schemas, where, seen)
    for name, part in schema.get("properties", {}).items():
        yield from unbounded(part, schemas, f"{where}.{name}", seen)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from unbounded(schema[name], schemas, f"{where}[]", seen)


def parts_of_requests(service: str) -> Iterator[str]:
    document = described(service)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            here = f"{method.upper()} {path}"
            for parameter in operation.get("parameters", []):
                if parameter["in"] != "header":  # the server bounds them all
                    yield from unbounded(parameter["schema"], document["components"]["schemas"], f"{here} {parameter['name']}")
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield from unbounded(content["schema"], document["components"]["schemas"], f"{here} body")


@pytest.mark.parametrize("service", SERVICES)
def test_every_part_of_a_request_has_a_bound(service: str):
    assert set(parts_of_requests(service)) - UNBOUNDED == set()
