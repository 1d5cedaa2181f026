"""Runs whose cases are open beside one another: each keeps its sessions, and goes on when they count again."""

import pytest
from sqlalchemy import text

from services.thresholds.use_cases.judging import judging_deferred
from services.thresholds.use_cases.recomputation import find_stale_standings
from services.thresholds.use_cases.reliances import work_out_kept
from services.thresholds.use_cases.standings import judgements
from services.thresholds.use_cases.state import publish_runs
from shared.contracts.event import Event
from shared.contracts.thresholds import ThresholdMet, ThresholdWithdrawn
from shared.database import Database
from tests.thresholds.builders import full_days
from tests.thresholds.events import PUPIL, Story, absences, calendars_a, closed, enrolled, issued, recorded, withdrawn

FIRST = full_days("2026-09-14", "2026-09-18")
SECOND = full_days("2026-10-05", "2026-10-09")
THIRD = full_days("2026-11-09", "2026-11-13")


@pytest.fixture
async def story(database: Database):
    story = Story(database)
    await story.arrives(enrolled(), *calendars_a())
    yield story
    assert await find_stale_standings(database) == []


def met_events(published: list[Event]) -> list[ThresholdMet]:
    return [each for each in published if isinstance(each, ThresholdMet)]


async def two_runs(story: Story):
    """A run that a notice spent, and a newer one; return both and the notice."""
    (first,) = met_events(await story.arrives_at_once(*absences(FIRST)))
    notice = issued(FIRST)
    (second,) = met_events(await story.arrives(notice, *absences(SECOND)))
    return first, second, notice


async def open_run(story: Story):
    async with story.database.begin() as tx:
        return (await tx.execute(text("SELECT run_id FROM pupils WHERE id = :id"), {"id": PUPIL})).scalar_one()


async def steps(story: Story, run_id: object) -> list[str]:
    async with story.database.begin() as tx:
        found = await tx.execute(text("SELECT step FROM run_steps WHERE run_id = :run ORDER BY revision"), {"run": run_id})
        return list(found.scalars())


async def test_a_newer_run_gives_way_to_an_older_one_whose_sessions_count_again_and_goes_on_after_it(story: Story):
    first, second, notice = await two_runs(story)

    (again,) = met_events(await story.arrives(withdrawn(notice, restores=True)))
    (goes_on,) = met_events(await story.arrives(issued(FIRST)))

    assert (again.run_id, again.sessions) == (first.run_id, first.sessions)
    assert (goes_on.run_id, goes_on.sessions) == (second.run_id, second.sessions)
    assert await steps(story, first.run_id) == ["met", "spent", "resumed", "met", "spent"]
    assert await steps(story, second.run_id) == ["met", "gave-way", "resumed", "met"]


async def test_a_withdrawn_run_of_which_no_session_counts_again_leaves_a_new_one_beside_it(story: Story):
    (first,) = met_events(await story.arrives_at_once(*absences(FIRST)))
    away = [recorded(each, "I", version=2, before="O") for each in FIRST]
    published = await story.arrives_at_once(*away)
    assert [type(each) for each in published] == [ThresholdWithdrawn]

    (second,) = met_events(await story.arrives_at_once(*absences(SECOND)))
    back = met_events(await story.arrives_at_once(*(recorded(each, "O", version=3, before="I") for each in FIRST)))

    assert second.run_id != first.run_id
    assert [(each.run_id, each.revision) for each in back] == [(first.run_id, 3)]


async def test_a_run_whose_case_was_closed_is_never_resumed(story: Story):
    first, second, notice = await two_runs(story)
    await story.arrives(closed(first.run_id, None))

    (moved,) = met_events(await story.arrives(withdrawn(notice, restores=True)))

    assert moved.run_id == second.run_id


async def test_a_closed_case_sets_aside_no_session_of_an_older_run_whose_case_is_open(story: Story):
    first, second, notice = await two_runs(story)

    await story.arrives(closed(second.run_id, "2026-10-16"))
    (again,) = met_events(await story.arrives(withdrawn(notice, restores=True)))

    assert (again.run_id, len(again.counting)) == (first.run_id, 10)


async def test_a_closed_case_sets_aside_no_session_of_the_newer_run_whose_case_is_open(story: Story):
    (first,) = met_events(await story.arrives_at_once(*absences(FIRST)))
    await story.arrives_at_once(*(recorded(each, "I", version=2, before="O") for each in FIRST))
    (second,) = met_events(await story.arrives_at_once(*absences(SECOND)))

    assert await story.arrives(closed(first.run_id, "2026-10-16")) == []
    assert await open_run(story) == second.run_id

    await story.arrives(closed(second.run_id, "2026-10-16"))
    async with story.database.begin() as tx:
        judgement = (await judgements(tx, [PUPIL]))[PUPIL]
    assert (judgement.count, len(judgement.set_aside)) == (0, 10)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_two_cases_closed_at_once_leave_nothing_that_counts_in_either_order(story: Story, order: tuple[int, ...]):
    first, second, _ = await two_runs(story)
    ends = closed(first.run_id, "2026-10-16"), closed(second.run_id, "2026-10-16")

    assert await story.arrives_at_once(*(ends[each] for each in order)) == []

    async with story.database.begin() as tx:
        judgement = (await judgements(tx, [PUPIL]))[PUPIL]
    assert (judgement.status, judgement.count) == ("below", 0)


async def test_runs_published_again_are_marked_separated_only_where_they_are(story: Story):
    first, _, notice = await two_runs(story)
    await story.arrives(withdrawn(notice, restores=True))

    async with story.database.begin() as tx:
        await publish_runs(tx, None, [str(PUPIL)])  # type: ignore[arg-type]
    published = met_events(await story._published())

    assert [(each.run_id, each.separated) for each in published] == [(first.run_id, False)]


async def test_sessions_that_a_closed_case_left_are_worked_out_once_runs_are_back(story: Story):
    first, second, notice = await two_runs(story)
    with judging_deferred():
        await story.arrives(closed(second.run_id, "2026-10-16"))

    async with story.database.begin() as tx:
        await work_out_kept(tx, [PUPIL])
    await story.arrives(*absences(THIRD[:1]))
    (again,) = met_events(await story.arrives(withdrawn(notice, restores=True)))

    assert (again.run_id, again.sessions) == (first.run_id, first.sessions)
