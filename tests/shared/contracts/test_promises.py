"""What the published events promise their readers."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from attendance.documentation.snapshots import FOLDER as SNAPSHOTS
from attendance.documentation.snapshots import broken_promises, snapshot
from shared.contracts.event import Event
from shared.messaging.contracts import contracts
from shared.settings import SERVICES

SAMPLES = Path(__file__).parent / "samples"

PERSONAL = frozenset(
    {
        "name", "names", "forename", "surname", "initials", "title", "address", "addresses", "postcode", "email", "mail", "phone",
        "telephone", "mobile", "contact", "birth", "dob", "born", "age", "gender", "sex", "ethnicity", "religion", "health", "medical",
        "send", "text", "note", "notes", "comment", "comments", "description", "statement", "upn", "upns",
    }
)  # fmt: skip
"""Words that smell of a person, or of free text about one."""

ALLOWED = {("roll-changed.v1", "upn"), ("roll-changed.v1", "former_upns"), ("roll-changed.v1", "asserted_upns")}
"""The one place for UPNs: whoever needs one learns it there."""

EVERY_CONTRACT = [pytest.param(contract, id=name) for name, contract in sorted(contracts().items())]


def test_no_published_contract_changed_but_by_an_optional_field():
    assert not broken_promises(), "\n".join(broken_promises())


@pytest.mark.parametrize("contract", EVERY_CONTRACT)
def test_the_snapshot_of_a_contract_is_committed_as_the_contract_stands(contract: type[Event]):
    path = SNAPSHOTS / f"{contract.type()}.json"

    assert path.exists(), "run `python -m attendance.documentation` and commit the snapshot"
    assert orjson.loads(path.read_bytes()) == snapshot(contract), "run `python -m attendance.documentation`"


@pytest.mark.parametrize("contract", EVERY_CONTRACT)
def test_a_sample_of_every_version_is_still_read_in_full(contract: type[Event]):
    path = SAMPLES / f"{contract.type()}.json"
    assert path.exists(), f"commit a sample body, ids and state only, as {path.name}"
    sample = orjson.loads(path.read_bytes())

    read = contract.model_validate_json(path.read_bytes()).model_dump(mode="json", by_alias=True)

    assert sample == _as_far_as(sample, read), "a field of the sample was dropped or changed: publish a new version"


def test_a_sample_belongs_to_an_event_that_can_be_read():
    assert {path.stem for path in SAMPLES.glob("*.json")} == set(contracts())


@pytest.mark.parametrize("contract", EVERY_CONTRACT)
def test_no_field_carries_personal_data(contract: type[Event]):
    suspicious = {
        field
        for field, _ in _fields(contract.model_json_schema())
        if PERSONAL & set(field.split("_")) and (contract.type(), field) not in ALLOWED
    }

    assert not suspicious, "events carry ids and state; who needs more asks the owner"


@pytest.mark.parametrize("contract", EVERY_CONTRACT)
def test_a_reason_is_one_of_a_list_and_never_free_text(contract: type[Event]):
    free = {field for field, schema in _fields(contract.model_json_schema()) if "reason" in field.split("_") and "enum" not in str(schema)}

    assert not free, "a reason in free text is about a person: it stays with the service that was told"


@pytest.mark.parametrize("contract", EVERY_CONTRACT)
def test_every_contract_names_its_topic_and_a_key_that_is_required(contract: type[Event]):
    assert contract.topic in SERVICES
    assert contract.__module__ == f"shared.contracts.{contract.topic}"
    assert contract.key_field in contract.model_json_schema()["required"]
    assert contract.__doc__


@pytest.mark.parametrize("contract", EVERY_CONTRACT)
def test_an_event_ignores_what_it_does_not_know_yet(contract: type[Event]):
    sample = orjson.loads((SAMPLES / f"{contract.type()}.json").read_bytes())

    read = contract.model_validate_json(orjson.dumps({**sample, "added_by_a_later_producer": 1}))

    assert read == contract.model_validate_json(orjson.dumps(sample))


def test_events_of_one_school_or_one_pupil_stay_in_order():
    keys = {contract.name: contract.key_field for contract in contracts().values()}

    assert {name for name, key in keys.items() if key == "school"} == {"session-recorded", "calendar-changed", "succession-changed"}
    assert set(keys.values()) == {"school", "pupil_id"}


def _fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give every field of an event and of its parts, by the name it has on the wire."""
    for each in (schema, *schema.get("$defs", {}).values()):
        yield from each.get("properties", {}).items()


def _as_far_as(sample: Any, read: Any) -> Any:
    """Return what was read, less what the sample does not mention (fields that came later)."""
    if isinstance(sample, dict) and isinstance(read, dict):
        return {key: _as_far_as(value, read[key]) for key, value in sample.items() if key in read}
    if isinstance(sample, list) and isinstance(read, list) and len(sample) == len(read):
        return [_as_far_as(before, now) for before, now in zip(sample, read, strict=True)]
    return read
