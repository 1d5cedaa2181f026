"""What a service reads of another one's response is there: the reader's type against the OpenAPI document of the one that responds."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
from pydantic import TypeAdapter

from attendance.documentation.catalogue import ROOT
from tests.architecture.sources import python_files, tree, where

Schema = dict[str, Any]


class Reading(NamedTuple):
    """A response that is read: where in the code, of which service, at which path (a parameter is `{}`), and as what type."""

    where: str
    service: str
    path: str
    shape: Any


def readings() -> Iterator[Reading]:
    """Yield every literal reading of another service, of the services' clients and of the console."""
    for path in python_files("services"):
        for node in ast.walk(tree(path)):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=client), attr="read"), args=[address, shape]) if client.isupper():
                    module = _module(path)
                    service = getattr(module, client).name
                case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(service)), address, shape]):
                    module = _module(path)
                case _:
                    continue
            if (template := _template(address)) is not None:
                shown = ast.unparse(shape)
                yield Reading(f"{where(path, node)} {shown}", service, template, eval(shown, vars(module)))


def _module(path: Path) -> Any:
    return importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def _template(address: ast.expr) -> str | None:
    match address:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
    return None


BY_STATE = {"services/notifications/clients/registers.py LeaveRequest": ["response.decision: null is not read"]}
"""What a document cannot state: the letter about leave is made of a request that has been decided."""

READINGS = list(readings())


def test_the_readings_of_all_services_and_of_the_console_are_found():
    assert len(READINGS) >= 25
    assert {each.where.split("/")[1] for each in READINGS} == {"penalties", "prosecutions", "notifications", "console"}


@pytest.mark.parametrize("reading", READINGS, ids=[each.where for each in READINGS])
def test_a_response_has_every_field_that_is_read_of_it(reading: Reading):
    provider = orjson.loads((ROOT / f"docs/openapi/{reading.service}.json").read_bytes())
    paths = {re.sub(r"\{\w+\}", "{}", path): found for path, found in provider["paths"].items()}
    response = paths[reading.path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    reader = TypeAdapter(reading.shape).json_schema(by_alias=True)

    assert list(misfits(reader, response, reader, provider)) == BY_STATE.get(re.sub(r":\d+", "", reading.where), [])


@pytest.mark.parametrize(
    ("provided", "misfit"),
    [
        ({"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}, False),
        ({"type": "object", "properties": {"id": {"type": "string"}}}, True),
        ({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}, True),
        ({"type": "object", "properties": {"id": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "required": ["id"]}, True),
        ({"type": "object", "properties": {}}, True),
        ({"type": "object", "properties": {"id": {"type": "string", "default": ""}}}, False),
    ],
)
def test_a_field_that_is_missing_optional_null_or_of_another_type_is_a_misfit(provided: Schema, misfit: bool):
    reader = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}

    assert bool(list(misfits(reader, provided, reader, provided))) is misfit


def misfits(reader: Schema, provided: Schema, reader_document: Schema, document: Schema, at: str = "response") -> Iterator[str]:
    """Yield where a response may be something that its reader cannot take."""
    taken, given = list(_alternatives(reader, reader_document)), list(_alternatives(provided, document))
    if not taken or not all(taken):  # anything is taken
        return
    for each in given:
        fitting = [other for other in taken if _kind(other) == _kind(each)]
        if not fitting:
            yield f"{at}: {_kind(each)} is not read"
        elif _kind(each) == "object":
            least = min((list(_misfits_of_object(other, each, reader_document, document, at)) for other in fitting), key=len)
            yield from least
        elif _kind(each) == "array" and each.get("items") is not None:
            least = min((list(misfits(o.get("items", {}), each["items"], reader_document, document, f"{at}[]")) for o in fitting), key=len)
            yield from least
        elif all("enum" in other for other in fitting):
            allowed = {value for other in fitting for value in other["enum"]}
            yield from (f"{at}: {value!r} is not read" for value in each.get("enum", ["any text"]) if value not in allowed)


def _misfits_of_object(reader: Schema, provided: Schema, reader_document: Schema, document: Schema, at: str) -> Iterator[str]:
    properties = provided.get("properties")
    if properties is None:  # any object, as the document has it
        return
    required = {
        *provided.get("required", ()),
        *(name for name, each in properties.items() if "default" in each or _may_be_null(each, document)),
    }
    for name, schema in reader.get("properties", {}).items():
        if name in reader.get("required", ()) and name not in required:
            yield f"{at}.{name} is not always there"
        if name in properties:
            yield from misfits(schema, properties[name], reader_document, document, f"{at}.{name}")


def _may_be_null(schema: Schema, document: Schema) -> bool:
    return any(_kind(each) == "null" for each in _alternatives(schema, document))


def _alternatives(schema: Schema, document: Schema) -> Iterator[Schema]:
    if reference := schema.get("$ref"):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        yield from _alternatives(found, document)
    elif choices := schema.get("anyOf") or schema.get("oneOf"):
        for each in choices:
            yield from _alternatives(each, document)
    else:
        yield schema if "const" not in schema else {**schema, "enum": [schema["const"]]}


def _kind(schema: Schema) -> str:
    return str(schema.get("type", "object" if "properties" in schema else "anything"))
