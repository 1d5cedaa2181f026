"""A merger that is taken back: the runs that rested on the other child's sessions are published as the child's own again."""

from typing import Any

import pytest

from services.thresholds.use_cases.recomputation import find_stale_standings
from shared.contracts.thresholds import ThresholdMet, ThresholdWithdrawn
from shared.database import Database
from tests.thresholds.builders import A, C, full_days
from tests.thresholds.events import OTHER, PUPIL, Story, absences, calendars_a, closed, enrolled, issued, recorded
from tests.thresholds.test_merged_records import AT_C, other_record

OWN = full_days("2026-09-21", "2026-09-25")
THEIRS = full_days("2026-09-14", "2026-09-18")


@pytest.fixture
async def story(database: Database, monkeypatch: pytest.MonkeyPatch):
    """A child at C, and another record at A."""
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-28")
    made = Story(database)
    await made.arrives(enrolled(AT_C), other_record(1, None), *calendars_a(), *calendars_a(C))
    yield made
    assert await find_stale_standings(database) == []


def theirs(number: int = 10) -> list[Any]:
    return [recorded(each, "O", A, pupil=OTHER) for each in THEIRS[:number]]


async def separate(story: Story, revision: int = 3) -> list[Any]:
    return await story.arrives(other_record(revision, None))


async def test_a_run_that_only_the_merger_made_goes_back_to_the_child_s_own_school(story: Story):
    await story.arrives(*theirs(6), *absences(OWN[:4], urn=C))
    merged: Any
    (merged,) = await story.arrives(other_record())

    (last,) = [each for each in await separate(story) if each.pupil_id == PUPIL]

    assert (merged.urn, merged.met_at.date) == (C, OWN[3].date)
    assert isinstance(last, ThresholdWithdrawn)
    assert last.own is not None
    assert (last.run_id, last.own.urn, last.own.la_code, last.own.met_at) == (merged.run_id, C, "881", None)
    assert [(each.date, each.session) for each in last.own.sessions] == [*OWN[:4]]
    assert last.revision > merged.revision


async def test_a_run_that_rested_on_the_other_child_s_school_alone_goes_to_the_roll_s_school(story: Story):
    await story.arrives(*theirs())
    await story.arrives(other_record())

    published = [each for each in await separate(story) if each.pupil_id == PUPIL]

    last: Any = published[-1]
    assert (last.own.urn, last.own.sessions, last.count) == (C, (), 0)


async def test_a_child_s_own_run_is_met_again_by_its_own_sessions(story: Story):
    first: Any
    *_, first = await story.arrives(*theirs(4), *absences(OWN, urn=C))
    merged: Any = (await story.arrives(other_record()))[-1]

    restored: Any = (await separate(story))[-1]

    assert {each.urn for each in merged.sessions} == {A, C}
    assert (type(restored), restored.run_id, restored.urn, restored.met_at) == (ThresholdMet, first.run_id, C, first.met_at)
    assert restored.sessions == first.sessions


async def test_a_child_s_own_run_that_an_amendment_ended_meanwhile_is_withdrawn_with_its_own_sessions(story: Story):
    first: Any
    *_, first = await story.arrives(*theirs(4), *absences(OWN, urn=C))
    await story.arrives(other_record(), recorded(OWN[0], "I", C, version=2, before="O"))

    last: Any = (await separate(story))[-1]

    assert (type(last), last.run_id, last.count) == (ThresholdWithdrawn, first.run_id, 9)
    assert (last.own.urn, last.own.met_at, last.own.sessions) == (C, first.met_at, first.sessions)


async def test_a_run_that_a_notice_spent_is_the_child_s_own_again(story: Story):
    first: Any
    *_, first = await story.arrives(*theirs(4), *absences(OWN, urn=C))
    await story.arrives(other_record(), issued([*THEIRS[:4], *OWN[:6]]))

    last: Any = [each for each in await separate(story) if each.name.startswith("threshold")][-1]

    assert (type(last), last.separated, last.run_id, last.urn) == (ThresholdMet, True, first.run_id, C)
    assert last.sessions == first.sessions


async def test_the_other_record_has_its_own_counting_sessions_again(story: Story):
    first: Any
    *_, first = await story.arrives(*theirs())
    await story.arrives(other_record(), recorded(THEIRS[0], "I", A, version=2, before="O", pupil=OTHER))

    (last,) = [each for each in await separate(story) if isinstance(each, ThresholdWithdrawn) and each.pupil_id == OTHER]
    assert last.own is not None

    assert (last.run_id, last.count, len(last.counting), last.own.urn) == (first.run_id, 9, 9, A)


async def test_a_run_that_ended_before_the_merger_is_left_as_it_was(story: Story):
    first: Any
    *_, first = await story.arrives(*absences(OWN, urn=C))
    await story.arrives(closed(first.run_id, "2026-09-25"), other_record(), *theirs(3))

    assert await separate(story) == []
