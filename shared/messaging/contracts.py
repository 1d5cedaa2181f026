"""Which contract class an event's type belongs to."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from shared.contracts.event import Event
from shared.messaging.messages import Message
from shared.settings import SERVICES


@cache
def contracts() -> Mapping[str, type[Event]]:
    """Return every published event's class by its CloudEvents type."""
    found: dict[str, type[Event]] = {}
    for topic in SERVICES:
        for each in vars(import_module(f"shared.contracts.{topic}")).values():
            if isinstance(each, type) and issubclass(each, Event) and each is not Event:
                found[each.type()] = each
    return found


def parse(message: Message) -> Event:
    """Read a message as its contract; raise where it does not fit."""
    return contracts()[message.type].model_validate_json(message.body)
