"""A process that consumes or relays until it is killed: `member.py consume|relay DATABASE BROKER TOPIC GROUP NAME`."""

import asyncio
import sys

from shared.database import Database
from shared.messaging.consumers import ConsumerLoop
from shared.messaging.outbox import relay
from tests.shared.messaging.brokers import transport
from tests.shared.messaging.world import consumers


async def main(kind: str, url: str, spec: str, topic: str, group: str, name: str) -> None:
    database, bus, never = Database(url), transport(spec), asyncio.Event()
    await bus.start()
    if kind == "relay":
        await relay(database, bus, never)
    await ConsumerLoop(database, consumers(group, topic, member=name), bus).run(never)


asyncio.run(main(*sys.argv[1:]))
