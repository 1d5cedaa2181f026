"""Who says and who hears what: the context map, the cards and the code agree."""

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
        "case-opened", "case-decided", "case-closed", "circumstances-changed", "notice-issued", "improvement-ended", "payment-received",
        "payment-overdue", "notice-withdrawn",
    },
    "prosecutions": {"prosecution-file-opened", "prosecution-charged", "prosecution-concluded", "prosecution-withdrawn"},
    "notifications": {"notice-served", "letter-returned", "letter-failed"},
}  # fmt: skip
"""Every event there may be, by the service that alone says it."""

KNOWN = {name for names in CONTEXT_MAP.values() for name in names}

NOT_SAID_YET: set[str] = set()
"""Contracts that have readers, and no producer so far."""


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_publishes_only_what_the_context_map_gives_it(name: str):
    assert {each.name for each in contracts().values() if each.topic == name} <= CONTEXT_MAP[name]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_what_its_card_says_it_publishes(name: str):
    assert _on_card(name, "Publishes") == _said_in(name)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_consumes_what_its_card_says(name: str):
    consumers = services()[name].consumers

    assert _on_card(name, "Consumes") == {each.name for each in (consumers.contracts if consumers else ())}


def test_every_event_is_said_by_the_service_of_its_topic_and_by_no_other():
    for contract in contracts().values():
        saying = {name for name in SERVICES if contract.name in _said_in(name)}
        assert saying == (set() if contract.name in NOT_SAID_YET else {contract.topic}), contract.name


def test_every_service_that_hears_something_says_its_group_after_itself():
    for name, service in services().items():
        assert service.consumers is None or service.consumers.name == name


def test_no_service_hears_itself():
    for name, service in services().items():
        assert service.consumers is None or name not in service.consumers.topics


@cache
def _said_in(name: str) -> set[str]:
    """Return the events that a service's code makes."""
    by_class = {each.__name__: each.name for each in contracts().values()}
    called = {call.rpartition(".")[2] for path in python_files(f"services/{name}") for call, _ in calls(path)}
    return {by_class[each] for each in called & set(by_class)}


def _on_card(name: str, word: str) -> set[str]:
    """Return the events that a card names after a word; `threshold-*` stands for all that begin so."""
    paragraph = re.search(rf"^{word}\b(.*?)(?=^[A-Z]|^$|\Z)", card(name), re.MULTILINE | re.DOTALL)
    assert paragraph, f"no `{word}` on the card of {name}"
    return set(_events_in(paragraph[1]))


def _events_in(text: str) -> Iterator[str]:
    for word in re.findall(r"[a-z]+(?:-[a-z]+)*(?:-\*)?", text):
        yield from (each for each in KNOWN if each == word or (word.endswith("-*") and each.startswith(word[:-1])))
