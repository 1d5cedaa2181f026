"""Which service publishes and consumes which event: the context map, the cards and the code agree."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from attendance.documentation.catalogue import card, services
from shared.messaging.contracts import contracts
from tests.architecture.sources import SERVICES, calls, python_files

CONTEXT_MAP = {
    "registers": {
        "session-recorded", "roll-changed", "calendar-changed", "succession-changed", "parent-changed", "reason-overdue", "leave-decided",
    },
    "thresholds": {"threshold-approaching", "threshold-met", "threshold-withdrawn", "relied-on-mark-changed"},
    "penalties": {
        "case-opened", "case-decided", "case-closed", "notice-issued", "improvement-ended", "payment-received",
        "payment-overdue", "notice-changed", "notice-withdrawn",
    },
    "prosecutions": {"prosecution-file-opened", "prosecution-charged", "prosecution-concluded", "prosecution-withdrawn"},
    "notifications": {"notice-served", "letter-returned", "letter-failed"},
}  # fmt: skip
"""Every event there may be, by the only service that publishes it."""

ALL_EVENTS = {name for names in CONTEXT_MAP.values() for name in names}

NOT_PUBLISHED_YET: set[str] = set()
"""Contracts that have readers, and no producer so far."""


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_publishes_only_what_the_context_map_gives_it(name: str):
    assert {each.name for each in contracts().values() if each.topic == name} <= CONTEXT_MAP[name]


def test_every_event_of_the_context_map_has_a_contract():
    assert {each.name for each in contracts().values()} == ALL_EVENTS


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_publishes_the_events_on_its_card(name: str):
    assert _on_card(name, "Publishes") == _published_by(name)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_consumes_the_events_on_its_card(name: str):
    consumers = services()[name].consumers

    assert _on_card(name, "Consumes") == {each.name for each in (consumers.contracts if consumers else ())}


def test_every_event_is_published_by_the_service_of_its_topic_and_by_no_other():
    for contract in contracts().values():
        publishers = {name for name in SERVICES if contract.name in _published_by(name)}
        assert publishers == (set() if contract.name in NOT_PUBLISHED_YET else {contract.topic}), contract.name


def test_the_consumer_group_of_a_service_is_named_after_it():
    for name, service in services().items():
        assert service.consumers is None or service.consumers.name == name


def test_no_service_consumes_its_own_events():
    for name, service in services().items():
        assert service.consumers is None or name not in service.consumers.topics


@cache
def _published_by(name: str) -> set[str]:
    """Return the events that a service's code makes."""
    by_class = {each.__name__: each.name for each in contracts().values()}
    called = {call.removesuffix(".of").rpartition(".")[2] for path in python_files(f"services/{name}") for call, _ in calls(path)}
    return {by_class[each] for each in called & set(by_class)}


def _on_card(name: str, word: str) -> set[str]:
    """Return the events that a card names after a word; `threshold-*` stands for all that begin so."""
    paragraph = re.search(rf"^{word}\b(.*?)(?=^[A-Z]|^$|\Z)", card(name), re.MULTILINE | re.DOTALL)
    assert paragraph, f"no `{word}` on the card of {name}"
    return set(_events_in(paragraph[1]))


def _events_in(text: str) -> Iterator[str]:
    for word in re.findall(r"[a-z]+(?:-[a-z]+)*(?:-\*)?", text):
        yield from (each for each in ALL_EVENTS if each == word or (word.endswith("-*") and each.startswith(word[:-1])))
