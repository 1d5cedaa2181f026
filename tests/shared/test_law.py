"""Dated parameters: which value holds on which day, for which authority, and which provisions a decision applied."""

from datetime import date
from enum import Enum
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from shared.law import Law, Statutes, UnknownProvisionError, load

NATIONAL = """
[amount]
description = "What it costs."
unit = "pence"
[[amount.history]]
since = 2012-09-01
value = 6000
reference = "The old order"
href = "https://example.org/old"
[[amount.history]]
since = 2024-08-19
value = 8000
reference = "The new order"
href = "https://example.org/new"

[weeks]
description = "How long it takes."
unit = "weeks"
[[weeks.history]]
since = 2024-08-19
value = 3
reference = "Guidance"
href = "https://example.org/guidance"
"""

ESSEX = """
[pack]
la_codes = ["881"]

[weeks]
description = "How long it takes here [policy]."
unit = "weeks"
[[weeks.history]]
since = 2024-08-19
value = 6
reference = "Policy"
href = "https://example.org/policy"
"""


@pytest.fixture
def statutes(tmp_path: Path) -> Statutes:
    (tmp_path / "national.toml").write_text(NATIONAL)
    (tmp_path / "essex.toml").write_text(ESSEX)
    (tmp_path / "england.toml").write_text("")
    return load(tmp_path)


@pytest.mark.parametrize(
    ("day", "value"),
    [(date(2012, 9, 1), 6000), (date(2024, 8, 18), 6000), (date(2024, 8, 19), 8000), (date(2030, 1, 1), 8000)],
)
def test_the_value_in_force_is_the_newest_that_had_begun(statutes: Statutes, day: date, value: int):
    assert statutes.packs["england"].at("amount", day).value == value


def test_before_the_first_there_is_none(statutes: Statutes):
    with pytest.raises(UnknownProvisionError, match="amount on 2012-08-31 in england"):
        statutes.packs["england"].at("amount", date(2012, 8, 31))


def test_a_parameter_that_nobody_wrote_is_unknown(statutes: Statutes):
    with pytest.raises(UnknownProvisionError):
        statutes.packs["essex"].at("amonut", date(2026, 1, 1))


def test_an_authority_has_its_own_pack_and_others_the_installations(statutes: Statutes):
    day = date(2026, 9, 1)

    assert statutes.for_authority("881", "england").at("weeks", day).value == 6
    assert statutes.for_authority("330", "england").at("weeks", day).value == 3
    assert statutes.for_authority("330", "essex").at("weeks", day).value == 6


def test_a_parameter_that_a_pack_does_not_replace_is_national(statutes: Statutes):
    assert statutes.for_authority("881", "england").at("amount", date(2026, 9, 1)).value == 8000


def test_a_folder_with_national_law_alone_is_one_pack(tmp_path: Path):
    (tmp_path / "national.toml").write_text(NATIONAL)

    assert set(load(tmp_path).packs) == {"national"}


def test_a_finding_shows_provision_version_facts_and_outcome_as_json(statutes: Statutes):
    class Colour(Enum):
        RED = "red"

    law: Law = statutes.packs["england"]
    finding = law.at("amount", date(2026, 9, 14)).finding(
        "early amount", issued_on=date(2026, 12, 1), who=UUID(int=1), colour=Colour.RED, days=(date(2026, 9, 14),), none=None
    )

    assert finding.as_json() == {
        "provision": "amount",
        "reference": "The new order",
        "href": "https://example.org/new",
        "version": "2024-08-19",
        "value": 8000,
        "outcome": "early amount",
        "facts": {
            "issued_on": "2026-12-01",
            "who": "00000000-0000-0000-0000-000000000001",
            "colour": "red",
            "days": ["2026-09-14"],
            "none": None,
        },
    }
    assert orjson.loads(orjson.dumps(finding.as_json())) == finding.as_json()
