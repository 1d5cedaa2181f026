"""Workers side by side, each with its own keys: locks keep what one stores from escaping what another judges."""

import asyncio
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.thresholds import use_cases
from services.thresholds.app import SERVICE
from services.thresholds.domain.runs import nothing
from shared.contracts.event import Event
from shared.database import Database, passing
from shared.database.embedded import EmbeddedPostgres
from shared.ids import new_id
from shared.testing import deliver
from shared.testing.services import _empty
from tests.thresholds.reference import World, judged
from tests.thresholds.streams import shuffled, told
from tests.thresholds.test_any_order import as_stored, comparable
from tests.thresholds.worlds import worlds


async def work(database: Database, batches: list[list[Event]]) -> None:
    """Deliver batches as a worker does: what fails together for a passing reason is tried one by one."""
    for batch in batches:
        try:
            await deliver(database, SERVICE, *batch)
        except DBAPIError as trouble:
            if not passing(trouble):
                raise
            for event in batch:
                await deliver(database, SERVICE, event)  # one by one, locks are taken in order: no deadlock


@settings(max_examples=8, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.integers(0, 2**32))
async def test_partitions_handled_at_once_end_where_the_prose_does(postgres: EmbeddedPostgres, database: Database, world: World, seed: int):
    _empty(postgres, SERVICE)
    chance, pupil = Random(seed), new_id()
    world.default_pack = "essex"
    partitions: dict[str, list[Event]] = {}
    for event in told(world, pupil, chance):
        partitions.setdefault(f"{event.topic} {event.key}", []).append(event)

    await asyncio.gather(*(work(database, shuffled(events, chance)) for events in partitions.values()))

    async with database.begin() as tx:
        stored = (await tx.execute(text("SELECT judgement FROM pupils WHERE id = :id"), {"id": pupil})).scalar()
    assert comparable(stored or nothing()) == as_stored(judged(world))
    assert await use_cases.stored_that_differ(database) == []
