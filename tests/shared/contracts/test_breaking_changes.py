"""Which changes of a contract break somebody: each kind is tried on a contract of its own."""

from typing import Any, Literal

import pytest

from attendance.documentation.snapshots import breaking_changes, snapshot
from shared.contracts.event import Event, Part


class Detail(Part):
    """A part of the event."""

    code: str


class Published(Event):
    """The event as it was published."""

    topic, name, key_field = "registers", "published", "school"

    school: int
    kind: Literal["a", "b"]
    details: tuple[Detail, ...]
    counts: dict[str, int]
    remark: str | None = None


def changed(**changes: Any) -> list[str]:
    """Return the findings about the event with some fields replaced, added or (None) taken away."""
    fields = {**Published.__annotations__, **changes}
    body: dict[str, Any] = {
        "__module__": __name__,
        "__annotations__": {name: hint[0] if isinstance(hint, tuple) else hint for name, hint in fields.items() if hint is not None},
        "topic": Published.topic,
        "name": Published.name,
        "key_field": Published.key_field,
        "remark": None,
        **{name: hint[1] for name, hint in fields.items() if isinstance(hint, tuple)},
    }
    if fields["remark"] is None:
        del body["remark"]
    return list(breaking_changes(snapshot(Published), snapshot(type("Published", (Event,), body))))


def test_the_same_contract_breaks_nobody():
    assert changed() == []


@pytest.mark.parametrize(
    "addition",
    [(str | None, None), (int, 0), (tuple[Detail, ...], ())],
    ids=["nullable", "with a default", "list"],
)
def test_an_optional_field_may_be_added(addition: tuple[Any, Any]):
    assert changed(added=addition) == []


def test_a_required_field_may_not_be_added():
    assert changed(added=int) == ["the new field `added` is required"]


def test_a_field_may_not_be_removed_or_renamed():
    assert changed(remark=None, comment=(str | None, None)) == ["the field `remark` is gone (removed or renamed)"]


def test_an_optional_field_may_not_become_required():
    assert changed(remark=(str | None, ...)) == ["the field `remark` is now required"]


@pytest.mark.parametrize(
    ("field", "type_"),
    [
        ("school", str),
        ("school", int | None),
        ("kind", Literal["a", "b", "c"]),
        ("kind", Literal["a"]),
        ("details", Detail),
        ("remark", (int | None, None)),
    ],
    ids=["another type", "null as well", "one more value", "one value less", "one instead of many", "another type inside null"],
)
def test_a_field_may_not_change_its_type(field: str, type_: Any):
    assert changed(**{field: type_}) == [f"`{field}` changed its type"]


def test_a_change_inside_a_part_is_seen():
    part: Any = type("Detail", (Part,), {"__module__": __name__, "__annotations__": {"code": int}})

    assert changed(details=tuple[part, ...]) == ["`details[].code` changed its type"]


def test_a_change_of_the_values_of_a_mapping_is_seen():
    assert changed(counts=dict[str, str]) == ["`counts{}` changed its type"]


def test_topic_and_key_may_not_change():
    before = snapshot(Published)

    found = list(breaking_changes(before, {**before, "topic": "penalties", "key": "kind"}))

    assert found == ["its topic changed from `registers` to `penalties`", "its key changed from `school` to `kind`"]
