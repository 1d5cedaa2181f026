"""Bugs that the runner must catch, planted from outside when the product starts: `python -m tests.chaos.planted BUG MODULE …`.

Each is one that the design guards against (who answers too early, who moves an offset too early, …); none stands in the product.
"""

import asyncio
import runpy
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

PAUSE = 0.3
"""Seconds between two things that must not come apart, so that a fault may fall between them."""


def _replace(owner: object, name: str, value: object) -> None:
    """Put something in the place of what stands there: a test looks that it does."""
    setattr(owner, name, value)


def answer_before_commit() -> None:
    """A register is answered before it is stored."""
    from services.registers.marks.fast.use_cases.register_batches import Outcome, RegisterBatcher

    store = RegisterBatcher._store

    async def early(self: RegisterBatcher, database: Any, batch: Mapping[int, Any]) -> None:
        for _, _, waiting in batch.values():
            if not waiting.done():
                waiting.set_result(Outcome.STORED)
        await asyncio.sleep(PAUSE)
        await store(self, database, batch)

    _replace(RegisterBatcher, "_store", early)


def commit_without_disk() -> None:
    """A transaction counts as committed before its log is on the disk."""
    import asyncpg

    connect = asyncpg.connect

    def careless(*arguments: Any, **options: Any) -> Any:
        settings = {**(options.pop("server_settings", None) or {}), "synchronous_commit": "off"}
        return connect(*arguments, **options, server_settings=settings)

    _replace(asyncpg, "connect", careless)


def offset_before_effects() -> None:
    """A consumer moves its offset in a transaction of its own, before the one with the effects."""
    from shared.messaging.consumers import ConsumerLoop, receive

    async def apart(self: ConsumerLoop, partition: Any, received: Sequence[Any]) -> None:
        async with self.database.begin() as tx:
            await self._advance(tx, {partition: received})
        await asyncio.sleep(PAUSE)
        async with self.database.begin() as tx:
            await receive(tx, self.handlers, [each.message for each in received])

    async def never(*_: object) -> bool:
        return False

    _replace(ConsumerLoop, "_store", apart)
    _replace(ConsumerLoop, "_handle_all", never)


def event_given_up() -> None:
    """A consumer moves on past an event that met a database that was away."""
    from shared.messaging.consumers import ConsumerLoop, PartitionLost

    handle = ConsumerLoop._store

    async def give_up(self: ConsumerLoop, partition: Any, received: Sequence[Any]) -> None:
        try:
            await handle(self, partition, received)
        except PartitionLost:
            raise
        except Exception:  # noqa: BLE001 -- the bug
            await asyncio.sleep(3 * PAUSE)
            async with self.database.begin() as tx:
                await self._advance(tx, {partition: received})

    _replace(ConsumerLoop, "_store", give_up)


def key_forgotten() -> None:
    """A request that is sent again under its key does its work again."""
    from shared.http import idempotency

    async def nothing(*_: object) -> None:
        """Find no earlier answer."""

    _replace(idempotency, "_before", nothing)


def amendment_unpublished() -> None:
    """An amended mark is stored, and not published."""
    from services.registers.marks.use_cases import publishing

    recorded = publishing.recorded_marks

    def first_versions(*arguments: Any) -> list[Any]:
        return [mark for mark in recorded(*arguments) if mark.version == 1]

    _replace(publishing, "recorded_marks", first_versions)


def clock_believed() -> None:
    """Nobody notices that the clock is wrong."""
    from shared import clock, pauses

    def never(*_: object) -> bool:
        return False

    _replace(clock.Watch, "strayed", never)
    _replace(pauses, "TOLERANCE", timedelta.max)


def copy_believed() -> None:
    """Nobody notices that a database went back to an old copy."""
    from shared.messaging import comparison

    async def nothing(*_: object) -> list[Any]:
        return []

    _replace(comparison, "find_missing", nothing)


PLANTED: Mapping[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (
        answer_before_commit,
        commit_without_disk,
        offset_before_effects,
        event_given_up,
        key_forgotten,
        amendment_unpublished,
        clock_believed,
        copy_believed,
    )
}
SHOWN_BY: Mapping[str, Sequence[str]] = {
    "answer_before_commit": ["kill_product", "kill_both"],
    "commit_without_disk": ["kill_database_again_and_again"],
    "offset_before_effects": ["kill_product", "kill_both"],
    "event_given_up": ["kill_database", "kill_connection", "freeze_database"],
    "key_forgotten": ["kill_product", "kill_connection"],
    "amendment_unpublished": ["kill_product"],
    "clock_believed": ["wrong_clock"],
    "copy_believed": ["old_copy_of_registers", "old_copy_of_penalties"],
}
"""The faults that bring each bug out: its run does no others, since chance might not get to them in a minute."""

if __name__ == "__main__":
    PLANTED[sys.argv.pop(1)]()
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
