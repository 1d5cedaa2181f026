"""What is written about the product is true of it."""

import re
from pathlib import Path

import orjson
import pytest

from attendance.documentation import states
from attendance.documentation.__main__ import documents, stale
from attendance.documentation.catalogue import ROOT
from shared.settings import Settings
from tests.architecture.sources import ADRS, HAND_WRITTEN, PRODUCT, SERVICES, python_files, texts

PATH = re.compile(r"`(?:[A-Z]+=\S+ )?((?:services|shared|attendance|tests|docs|deploy|\.ci)/[\w./*<>-]*)")
"""A path of the repository in backticks; `<name>` and `*` stand for any name."""
NAME_IN_FILE = re.compile(r"`([\w./-]+\.\w+):(\w+)`")
"""A name that a file holds: `path:name`."""


def test_generated_documents_are_fresh():
    found = [str(path.relative_to(ROOT)) for path in stale(documents())]

    assert not found, "run `python -m attendance.documentation`"


@pytest.mark.parametrize("name", ["penalties", "prosecutions", "notifications"])
def test_a_service_with_states_has_a_drawn_table_of_transitions(name: str):
    drawn = {module for module, _, _ in states.tables()}

    assert [module for module in drawn if module.startswith(f"services.{name}.")]


@pytest.mark.parametrize("name", SERVICES)
def test_every_reference_in_an_asyncapi_document_leads_somewhere(name: str):
    text = (ROOT / "docs" / "asyncapi" / f"{name}.json").read_bytes()
    document = orjson.loads(text)

    for reference in set(re.findall(r'"\$ref": ?"#/([^"]+)"', text.decode())):
        found = document
        for step in reference.split("/"):
            found = found[step]


@pytest.mark.parametrize("path", ADRS, ids=lambda path: path.stem)
def test_a_decision_has_its_context_consequences_and_what_enforces_it(path):
    text = path.read_text(encoding="utf-8")

    assert re.match(r"# \d{4} ", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences", "Enforced by"]
    assert len(text.splitlines()) <= 45, "half a page"


def test_decisions_are_numbered_without_gap():
    assert [int(path.name[:4]) for path in ADRS] == list(range(1, len(ADRS) + 1))


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.stem)
def test_every_link_of_a_document_into_the_repository_leads_somewhere(page: Path):
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))

    assert not [target for target in targets if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.stem)
def test_every_path_that_a_document_names_exists_and_holds_the_names_given_with_it(page: Path):
    text = page.read_text(encoding="utf-8")
    paths = PATH.findall(text) + [f"tests/**/{name}" for name in re.findall(r"`(test_\w+\.py)`", text)]
    missing = [path for path in paths if not list(ROOT.glob(re.sub(r"<[^>]*>", "*", path)))]
    undefined = [
        f"{path}:{name}"
        for path, name in NAME_IN_FILE.findall(text)
        if not re.search(rf"\b{name}\b", (ROOT / path).read_text(encoding="utf-8"))
    ]

    assert not missing + undefined


def test_the_readme_explains_every_variable_of_the_environment():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = {f"ATTENDANCE_{field.upper()}" for field in Settings.model_fields}
    for path in python_files(*PRODUCT):
        for text, _ in texts(path):
            named |= {name for name in re.findall(r"\bATTENDANCE_[A-Z_]*[A-Z]\b", text) if not name.startswith("ATTENDANCE_TEST_")}

    assert not {name for name in named if name not in readme}


def test_the_readme_gives_the_two_commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "make run\n" in readme
    assert "make test\n" in readme
