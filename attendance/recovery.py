"""For operations: the ways on for a service whose database went back to an old copy."""

from collections import Counter
from collections.abc import Sequence

import orjson
from rich.console import Console

from attendance.embedded import provide, services
from shared.database import Database
from shared.messaging.comparison import accept
from shared.messaging.messages import Message
from shared.messaging.recovery import Recovered, recover
from shared.runtime import transport
from shared.settings import settings

_SUBJECTS = ("notice_id", "case_id", "file_id", "run_id", "leave_id", "pupil_id", "school")
"""Fields of an event by which a person finds what it is about, the narrowest first."""


async def run(console: Console, name: str, by: str, *, accept_copy: bool) -> int:
    """Bring back what a service's database lost, print it and what a person must look at; return 1 while anything is missing.

    With `accept_copy`, what cannot be brought back is given up, and the service works again within a minute.
    """
    service = next(each for each in services() if each.name == name)
    server = provide(settings().data)
    database, bus = Database(settings().database_url(name), pooled=False), transport()
    try:
        recovery = service.recovery(bus) if service.recovery else None
        done = await recover(database, bus, name, recovery)
        _show(console, done, recovery.lacks if recovery else None)
        if done.left and accept_copy:
            await accept(database, bus, name)
            console.print(f"{by} accepted the copy without them: {name} works again within a minute", highlight=False)
    finally:
        await bus.stop()
        await database.dispose()
        server.stop()
    if not done.left:
        console.print(f"{name} has everything that it published: it works again within a minute", highlight=False)
    elif not accept_copy:
        console.print("bring the newer copy, or accept this one without them: --accept-copy", highlight=False)
    return 1 if done.left and not accept_copy else 0


def _show(console: Console, done: Recovered, lacks: str | None) -> None:
    for kind, count in sorted(Counter(message.type for message in done.brought_back).items()):
        console.print(f"brought back: {count} {kind}", highlight=False)
    to_look_at = [*(f"{_named(message)}: {reason}" for message, reason in done.left), *done.to_look_at]
    to_look_at += [f"{_named(message)}: {lacks}" for message in done.brought_back] if lacks else []
    if to_look_at:
        console.print("a person must look at:", highlight=False)
    for line in to_look_at:
        console.print(f"  {line}", highlight=False, soft_wrap=True)


def _named(message: Message) -> str:
    try:
        body = orjson.loads(message.body)
        subjects: Sequence[str] = [f"{name} {body[name]}" for name in _SUBJECTS if body.get(name)]
    except (orjson.JSONDecodeError, AttributeError):
        subjects = []
    return f"{message.type} of {message.headers.get('ce_time', 'an unknown time')[:19]}, {subjects[0] if subjects else message.key}"
