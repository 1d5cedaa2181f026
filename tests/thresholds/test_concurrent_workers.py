"""Workers side by side, each with its own keys: locks keep what one stores from escaping what another judges."""

import asyncio
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.thresholds.app import SERVICE
from services.thresholds.consumers import consumers
from services.thresholds.domain.judgement import NOTHING_COUNTS
from services.thresholds.use_cases.recomputation import find_stale_standings
from services.thresholds.use_cases.standings import judgements
from shared.contracts.event import Event
from shared.database import Database, is_transient
from shared.ids import new_id
from shared.messaging.consumers import receive
from tests.support import deliver
from tests.support.databases import ServiceDatabases
from tests.support.examples import examples
from tests.support.services import message_of
from tests.thresholds.builders import A, C, full_days, open_sessions
from tests.thresholds.events import OTHER, PUPIL, absences, calendars_a, enrolled, recorded
from tests.thresholds.reference import World, judged
from tests.thresholds.streams import events_of, shuffled
from tests.thresholds.worlds import in_reference_terms, worlds

EARLY, LATE = full_days("2026-09-07", "2026-09-10"), full_days("2026-11-23")
"""Ten sessions, in one window only as long as nobody knows of the weeks in between."""
AT_BOTH = enrolled((A, "2025-09-01", None), (C, "2025-09-01", None))
CALENDAR = calendars_a(C)[1]
REGISTERS: list[Event] = [
    recorded(each, "/", C, pupil=OTHER) for each in open_sessions() if EARLY[-1] < each < LATE[0] and each.date.weekday() == 3
]
"""A register of every week in between, at a school without a calendar."""


async def overlap(database: Database, first: list[Event], second: list[Event]) -> None:
    """Let a transaction begin and go as far as it can while another is not yet committed."""
    async with database.begin() as tx:
        await receive(tx, consumers, [message_of(event) for event in first])
        other = asyncio.create_task(deliver(database, SERVICE, *second))
        while not other.done():
            if await somebody_waits(database):
                break
    await other


async def somebody_waits(database: Database) -> bool:
    """Return whether a transaction waits for another's lock."""
    async with database.begin() as tx:
        return bool((await tx.execute(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))).scalar())


@pytest.mark.parametrize(
    ("stored", "first", "second"),
    [
        ([*absences([*EARLY, *LATE])], [CALENDAR], [AT_BOTH]),
        ([*absences([*EARLY, *LATE])], [AT_BOTH], [CALENDAR]),
        ([AT_BOTH], [CALENDAR], absences([*EARLY, *LATE])),
        ([AT_BOTH], absences([*EARLY, *LATE]), [CALENDAR]),
        ([*absences([*EARLY, *LATE])], REGISTERS, [AT_BOTH]),
        ([*absences([*EARLY, *LATE])], [AT_BOTH], REGISTERS),
        ([AT_BOTH], REGISTERS, absences([*EARLY, *LATE])),
    ],
    ids=[
        "a calendar, then a roll",
        "a roll, then a calendar",
        "a calendar, then marks",
        "marks, then a calendar",
        "registers, then a roll",
        "a roll, then registers",
        "registers, then marks",
    ],
)
async def test_nobody_is_judged_by_sessions_that_were_changing(
    database: Database, stored: list[Event], first: list[Event], second: list[Event]
):
    await deliver(database, SERVICE, *stored)

    await overlap(database, first, second)

    async with database.begin() as tx:
        assert (await tx.execute(text("SELECT status FROM pupils WHERE id = :id"), {"id": PUPIL})).scalar() == "below"
    assert await find_stale_standings(database) == []


async def work(database: Database, batches: list[list[Event]]) -> None:
    """Deliver batches as a worker does: what fails together for a transient reason is tried one by one, each until that reason has passed."""
    for batch in batches:
        if not await delivered(database, batch):
            for event in batch:
                # One event takes its locks in order, but another worker's batch, which is several events, may not.
                while not await delivered(database, [event]):
                    pass


async def delivered(database: Database, events: list[Event]) -> bool:
    """Return whether events were handled; if not, the reason is a transient one."""
    try:
        await deliver(database, SERVICE, *events)
    except DBAPIError as error:
        if not is_transient(error):
            raise
        return False
    return True


@settings(max_examples=examples(5), phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.integers(0, 2**32))
async def test_partitions_handled_at_once_end_in_the_judgement_of_the_reference(
    service_databases: ServiceDatabases, database: Database, world: World, seed: int
):
    service_databases.of(SERVICE).empty()
    chance, pupil = Random(seed), new_id()
    world.default_pack = "essex"
    partitions: dict[str, list[Event]] = {}
    for event in events_of(world, pupil, chance):
        partitions.setdefault(f"{event.topic} {event.key}", []).append(event)

    async with asyncio.TaskGroup() as side_by_side:
        for events in partitions.values():
            side_by_side.create_task(work(database, shuffled(events, chance)))

    async with database.begin() as tx:
        judgement = (await judgements(tx, [pupil])).get(pupil, NOTHING_COUNTS)
    assert in_reference_terms(judgement) == judged(world)
    assert await find_stale_standings(database) == []
