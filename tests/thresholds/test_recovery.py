"""Runs come back with their ids and revisions from what the service published, facts from what others published: nothing is published twice."""

from dataclasses import dataclass, field
from datetime import date

import pytest
from sqlalchemy import text

from services.thresholds.app import SERVICE
from services.thresholds.consumers import consumers
from services.thresholds.recovery import TOPICS, recovery
from services.thresholds.use_cases.recomputation import find_stale_standings
from shared.contracts.event import Event
from shared.contracts.penalties import CaseClosed
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdMet, ThresholdWithdrawn
from shared.database import Database
from shared.ids import new_id
from shared.messaging.comparison import find_missing
from shared.messaging.consumers import ConsumerLoop
from shared.messaging.contracts import parse
from shared.messaging.outbox import relay_once
from shared.messaging.recovery import Recovered, recover
from tests.support.databases import ServiceDatabases
from tests.support.kept_log import KeptLog
from tests.support.services import message_of
from tests.thresholds.builders import A, full_days
from tests.thresholds.events import PUPIL, absences, calendars_a, enrolled, issued, recorded

TEN = full_days("2026-09-14", "2026-09-18")
TEN_MORE = full_days("2026-10-05", "2026-10-09")


@dataclass
class Running:
    """The service at work on a log that keeps what everybody publishes."""

    databases: ServiceDatabases
    log: KeptLog = field(default_factory=KeptLog)

    @property
    def database(self) -> Database:
        return self.databases.of(SERVICE).database

    def copies(self) -> dict[str, str]:
        return self.databases.of(SERVICE).copy()

    def goes_back(self, copy: dict[str, str]) -> None:
        self.databases.of(SERVICE).restore(copy)

    async def arrives(self, *events: Event) -> None:
        """Publish events of others, and let the service handle and publish."""
        await self.log.publish([message_of(event) for event in events])
        await self.works()

    async def works(self) -> None:
        await ConsumerLoop(self.database, consumers, self.log).catch_up(TOPICS)
        await relay_once(self.database, self.log)

    async def brings_back(self) -> Recovered:
        return await recover(self.database, self.log, SERVICE.name, recovery(self.log))

    def published(self) -> list[Event]:
        """Return what the service published, each event once however often it was published."""
        return [parse(each) for each in {each.event_id: each for each in self.log.topics.get(SERVICE.name, [])}.values()]

    async def facts(self) -> dict[str, list[str]]:
        """Return what is known of marks, reliances and runs, and where the pupil stands."""
        asked = {
            "marks": "SELECT (date, session, urn, code, version, covered)::text FROM marks",
            "reliances": "SELECT (id, kind, marks, charged, withdrawn_on, restores)::text FROM reliances",
            "closed_cases": "SELECT (case_id, run_id, set_aside_to)::text FROM closed_cases",
            "runs": "SELECT (run_id, revision, step)::text FROM run_steps WHERE step IN ('met', 'withdrawn')",
            "standings": "SELECT (id, status, run_id, run_revision, approaches)::text FROM pupils",
            "mark_changes": "SELECT (pupil_id, body)::text FROM mark_changes",
        }
        async with self.database.begin() as tx:
            return {name: sorted((await tx.execute(text(query))).scalars()) for name, query in asked.items()}


@pytest.fixture
async def running(database: Database, service_databases: ServiceDatabases) -> Running:
    running = Running(service_databases)
    await running.arrives(enrolled(), *calendars_a())
    return running


async def a_long_story(running: Running) -> None:
    """A run that is met and grows, is spent by a notice of which a mark then changes, and a second run that is withdrawn and met again."""
    for event in absences(TEN):
        await running.arrives(event)
    await running.arrives(recorded(TEN_MORE[0], "O"))
    await running.arrives(issued(TEN))
    for event in absences(TEN_MORE[1:]):
        await running.arrives(event)
    await running.arrives(recorded(TEN[0], "I", version=2, before="O"), recorded(TEN_MORE[0], "I", version=2, before="O"))
    await running.arrives(recorded(TEN_MORE[0], "O", version=3, before="I"))


async def test_runs_facts_and_changed_marks_come_back_as_they_were_and_nothing_is_published_again(running: Running):
    copy = running.copies()
    await a_long_story(running)
    before, published = await running.facts(), running.published()
    assert {type(each) for each in published} >= {ThresholdMet, ThresholdWithdrawn, ReliedOnMarkChanged}
    running.goes_back(copy)

    done = await running.brings_back()
    await running.works()

    assert (done.left, done.to_look_at) == ([], [])
    assert await find_missing(running.database, running.log, SERVICE.name) == []
    assert await running.facts() == before
    assert running.published() == published
    assert await find_stale_standings(running.database) == []


@pytest.mark.parametrize("sessions", range(1, 10, 4))
async def test_a_run_comes_back_whatever_part_of_its_marks_the_copy_holds(running: Running, sessions: int):
    await running.arrives(*absences(TEN[:sessions]))
    copy = running.copies()
    await running.arrives(*absences(TEN[sessions:]))
    before, published = await running.facts(), running.published()
    running.goes_back(copy)

    await running.brings_back()
    await running.works()

    assert await running.facts() == before
    assert running.published() == published


async def test_a_mark_that_changed_while_the_service_refused_to_work_is_the_next_step_of_its_run(running: Running):
    copy = running.copies()
    await running.arrives(*absences(TEN), issued(TEN, "notice-to-improve"))
    (met,) = [each for each in running.published() if isinstance(each, ThresholdMet)]
    running.goes_back(copy)
    await running.log.publish([message_of(recorded(TEN[0], "I", version=2, before="O"))])

    done = await running.brings_back()
    await running.works()

    assert done.to_look_at == ["1 events are published now: what arrived meanwhile changes a threshold"]
    changed, ended = running.published()[-2:]
    assert isinstance(changed, ReliedOnMarkChanged)
    assert isinstance(ended, ThresholdWithdrawn)
    assert (ended.run_id, ended.revision) == (met.run_id, met.revision + 1)
    assert len(running.published()) == len({str(each) for each in running.published()})


async def test_a_recovery_that_was_interrupted_goes_on_where_it_was(running: Running):
    copy = running.copies()
    await a_long_story(running)
    before, published = await running.facts(), running.published()
    running.goes_back(copy)
    whole = running.log.topics[SERVICE.name]
    for length in (1, len(whole) // 2):
        running.log.topics[SERVICE.name] = whole[:length]
        interrupted = recovery(running.log)
        assert interrupted.prepare
        await interrupted.prepare(running.database)
        (missing,) = [await find_missing(running.database, running.log, SERVICE.name)]
        async with running.database.begin() as tx:
            await interrupted.handlers.handle(tx, [each.message for each in missing])
    running.log.topics[SERVICE.name] = whole

    await running.brings_back()
    await running.works()

    assert await running.facts() == before
    assert running.published() == published


async def test_a_case_that_was_closed_ends_its_run_again_without_an_event(running: Running):
    copy = running.copies()
    await running.arrives(*absences(TEN))
    (met,) = [each for each in running.published() if isinstance(each, ThresholdMet)]
    closed = CaseClosed(
        case_id=new_id(),
        run_id=met.run_id,
        pupil_id=PUPIL,
        outcome="no-action",
        closed_on=date(2026, 10, 1),
        set_aside_to=date(2026, 9, 18),
    )
    await running.arrives(closed)
    before, published = await running.facts(), running.published()
    running.goes_back(copy)

    done = await running.brings_back()
    await running.works()

    assert done.to_look_at == []
    assert await running.facts() == before
    assert running.published() == published


async def test_a_session_that_was_lost_to_a_notice_is_lost_under_the_same_id(running: Running):
    await running.arrives(*absences(TEN), issued(TEN))
    copy = running.copies()
    await running.arrives(enrolled((A, "2025-09-01", "2026-09-16"), revision=2))
    await running.arrives(enrolled((A, "2025-09-01", None), revision=3))
    await running.arrives(enrolled((A, "2025-09-01", "2026-09-17"), revision=4))
    published = running.published()
    running.goes_back(copy)

    await running.works()

    lost = [each for each in published if isinstance(each, ReliedOnMarkChanged)]
    assert len({each.loss_id for each in lost}) == len(lost) == 6
    assert running.published() == published
