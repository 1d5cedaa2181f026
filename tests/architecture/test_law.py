"""Every number of the law is dated data with its source, and none is written into the rules."""

import ast
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from attendance.documentation.catalogue import ROOT
from attendance.documentation.law import sources
from tests.architecture.sources import python_files, tree, where

EVERY_FILE = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in sources()]

ARITHMETIC = {0, 1, 2, 7, 12, 100}
"""Counting, halves, days of a week, months of a year, pence of a pound: no law says them."""

SCHOOL_YEAR = {8: "August", 9: "September", 31: "31 August ends a school year"}

NUMBERS_THAT_ARE_NO_LAW: dict[str, dict[int, str]] = {
    "shared/attendance/working_days.py": {5: "Monday to Friday"},
    "services/notifications/domain/letters.py": {3600: "an hour between looks at the printer, at most"},
    "services/notifications/domain/people.py": {3: "lines of an address, from its end"},
    "services/penalties/improvement/domain.py": {5: "Monday to Friday"},
    "services/penalties/notices/domain/references.py": {6: "characters drawn for a reference"},
    "services/penalties/support/domain/attachments.py": {
        10: "megabytes of a file",
        30: "files of an entry",
        64: "kilobytes that show what a file is",
        1024: "bytes of a kilobyte",
    },
    "services/registers/pupils/domain/ages.py": {3: "1 March: a birthday of 29 February in a common year", 9: "September"},
    "services/registers/schools/domain/calendars.py": {
        4: "digits of a year",
        5: "Monday to Friday",
        512: "school years kept in memory",
        **SCHOOL_YEAR,
    },
    "services/registers/pupils/domain/parents.py": {4: "characters of a dialling code"},
    "services/registers/marks/domain/school_rolls.py": {4: "roll calls kept of one roll"},
    "services/registers/pupils/domain/upn.py": {23: "the modulus of a UPN's check letter"},
    "services/thresholds/domain/judgement.py": {6: "Monday to Sunday"},
    "services/thresholds/domain/reasons.py": {120: "days after which no calendar reaches further"},
    "services/thresholds/domain/sessions.py": {14: "halves of the days of a week", **SCHOOL_YEAR},
    "services/thresholds/domain/weeks.py": {6: "Monday to Sunday"},
    "shared/attendance/dates.py": {9: "September"},
}
"""By file: the other numbers in the rules, and what each is."""

NUMBERS_OF_THE_LAW = {21, 27, 28, 444, 2024, 6000, 8000, 12000, 16000}
"""What must be read from data wherever it is used, in rules or not."""


@pytest.mark.parametrize("path", EVERY_FILE)
def test_every_parameter_has_a_description_and_the_instrument_that_set_each_value(path: Path):
    for name, parameter in _parameters(path).items():
        assert parameter["description"].endswith("."), name
        assert parameter["unit"], name
        assert parameter["history"], name
        assert set(parameter) == {"description", "unit", "history"}, name
        for entry in parameter["history"]:
            assert set(entry) == {"since", "value", "reference", "href"}, name
            assert isinstance(entry["since"], date), f"{name}: a date without quotes"
            assert not isinstance(entry["since"], datetime), name
            assert entry["reference"].strip(), name
            assert urlsplit(entry["href"]).scheme == "https", name
            assert urlsplit(entry["href"]).hostname, name


@pytest.mark.parametrize("path", EVERY_FILE)
def test_no_two_values_of_a_parameter_begin_on_one_day(path: Path):
    for name, parameter in _parameters(path).items():
        since = [entry["since"] for entry in parameter["history"]]
        assert len(since) == len(set(since)), name


def test_no_provision_of_national_law_stands_in_two_files():
    names = [name for path in sources() if path.stem == "national" for name in _parameters(path)]

    assert sorted(names) == sorted(set(names)), "what two services need stands in shared/attendance/law/national.toml"


@pytest.mark.parametrize("path", EVERY_FILE)
def test_a_value_that_is_only_policy_is_described_as_policy(path: Path):
    for name, parameter in _parameters(path).items():
        for entry in parameter["history"]:
            if entry["reference"].startswith("Policy"):
                assert "[policy" in parameter["description"], name


@pytest.mark.parametrize("path", EVERY_FILE)
def test_a_pack_names_the_authorities_it_binds(path: Path):
    pack = tomllib.loads(path.read_text(encoding="utf-8")).get("pack", {})

    assert pack.get("la_codes", []) == (["881"] if path.stem == "essex" else [])


def test_the_rules_hold_no_number_of_the_law():
    found = [
        f"{where(path, node)} {value}"
        for path in _rules()
        for node, value in _numbers(path)
        if value not in ARITHMETIC and value not in NUMBERS_THAT_ARE_NO_LAW.get(str(path.relative_to(ROOT)), {})
    ]

    assert not found, "put it into law/*.toml with its reference; if it is no law, say here what it is"


def test_the_list_of_other_numbers_names_nothing_that_is_gone():
    found = {(str(path.relative_to(ROOT)), value) for path in _rules() for _, value in _numbers(path)}

    assert not {(path, value) for path, values in NUMBERS_THAT_ARE_NO_LAW.items() for value in values} - found


def test_no_other_module_holds_a_number_of_the_law():
    found = [
        f"{where(path, node)} {value}"
        for path in python_files("services")
        if "migrations" not in path.parts
        for node, value in _numbers(path)
        if value in NUMBERS_OF_THE_LAW
    ]

    assert not found, "ask the law for it: law.at(name, day)"


def _parameters(path: Path) -> dict[str, Any]:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    tables.pop("pack", None)
    return tables


def _rules() -> list[Path]:
    return python_files("services/**/domain", "services/**/domain.py", "shared/law", "shared/attendance")


def _numbers(path: Path) -> list[tuple[ast.Constant, int | float]]:
    return [
        (node, node.value)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
    ]
