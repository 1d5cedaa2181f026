"""What a person may type into a text area of the console is not too long for the service that takes it."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT_AREA = ROOT / "services" / "console" / "templates" / "components.html"
ONE_LINE = {"Confirmation", "Dismissal"}
"""Their reasons are asked for by an input of one line, with a length of its own."""


@pytest.mark.parametrize("service", ["registers", "penalties", "prosecutions", "notifications"])
def test_a_service_takes_reasons_as_long_as_the_text_area_of_the_console(service):
    (longest,) = map(int, re.findall(r'<textarea [^>]*maxlength="(\d+)"', TEXT_AREA.read_text()))
    schemas = json.loads((ROOT / "docs" / "openapi" / f"{service}.json").read_text())["components"]["schemas"]
    lengths = {
        name: schema["properties"]["reason"].get("maxLength")
        for name, schema in schemas.items()
        if "reason" in schema.get("properties", {})
    }

    short = {name: length for name, length in lengths.items() if length and length < longest and name not in ONE_LINE}

    assert short == {}
