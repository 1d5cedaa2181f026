"""Facts that arrive late, early, or one without the other."""

import pytest
from sqlalchemy import text

from services.thresholds.use_cases import judging
from services.thresholds.use_cases.recomputation import find_stale_standings
from services.thresholds.use_cases.standings import judgements
from shared.contracts.thresholds import ThresholdMet, ThresholdWithdrawn
from shared.database import Database
from tests.thresholds.builders import A, C, full_days, session
from tests.thresholds.events import OTHER, PUPIL, Story, absences, calendar, calendars_a, enrolled, recorded

TEN = full_days("2026-09-14", "2026-09-18")
AT_C = (C, "2025-09-01", None)


@pytest.fixture
async def story(database: Database):
    yield Story(database)
    assert await find_stale_standings(database) == []


async def count_of(story: Story, table: str) -> int:
    async with story.database.begin() as tx:
        return int((await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar() or 0)


def kinds(published) -> list[type]:
    return [type(each) for each in published]


async def test_marks_before_the_roll_are_kept_and_judged_when_the_roll_arrives(story: Story):
    before = await story.arrives(*absences(TEN), *calendars_a())

    assert before == []
    assert kinds(await story.arrives(enrolled())) == [ThresholdMet]


async def test_a_roll_older_than_the_stored_one_changes_nothing(story: Story):
    await story.arrives(*absences(TEN), *calendars_a(), enrolled(revision=2))

    assert await story.arrives(enrolled((A, "2026-09-15", None), revision=1)) == []


async def test_the_newest_of_several_rolls_in_one_batch_is_stored(story: Story):
    await story.arrives(*absences(TEN), *calendars_a())

    published = await story.arrives_at_once(enrolled(revision=3), enrolled((A, "2026-09-15", None), revision=2))

    assert kinds(published) == [ThresholdMet]


async def test_every_pupil_of_a_batch_has_an_event_published(story: Story, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(judging, "BATCH_SIZE", 1)
    await story.arrives(*calendars_a(), *absences(TEN), *(recorded(each, "O", pupil=OTHER) for each in TEN))

    published = await story.arrives_at_once(enrolled(), enrolled(pupil=OTHER, upn="T881200024002"))

    assert kinds(published) == [ThresholdMet, ThresholdMet]
    assert sorted(each.key for each in published) == sorted(map(str, (PUPIL, OTHER)))


async def test_an_older_mark_that_comes_late_changes_nothing(story: Story):
    await story.arrives(enrolled(), *calendars_a(), recorded(TEN[0], "I", version=2, before="O"), *absences(TEN))

    assert await count_of(story, "marks WHERE code = 'O'") == 9


async def test_only_marks_that_may_matter_are_stored(story: Story):
    await story.arrives(
        enrolled(),
        recorded(TEN[0], "/"),
        recorded(TEN[1], "I"),
        recorded(TEN[2], "N"),
        recorded(TEN[3], "/", version=2, before="N"),
        recorded(TEN[4], "V", version=2, before="/"),
        recorded(TEN[5], "/", dual=True),
    )

    assert await count_of(story, "marks") == 4


async def test_another_pupils_mark_does_not_count(story: Story):
    await story.arrives(enrolled(), *calendars_a(), *absences(TEN[:9]), recorded(TEN[9], "O", pupil=OTHER))

    assert await count_of(story, "pupils WHERE status = 'met'") == 0


async def test_a_late_calendar_moves_the_window(story: Story):
    early, late = full_days("2026-09-07", "2026-09-10"), full_days("2026-11-23")
    await story.arrives(enrolled(), *absences([*early, *late]))  # two school weeks so far: all ten are in the window

    assert kinds(await story.arrives(*calendars_a())) == [ThresholdMet, ThresholdWithdrawn]  # first the year before, then this one


async def test_a_register_of_a_new_week_moves_every_pupils_window_at_a_school_without_a_calendar(story: Story):
    early, late = full_days("2026-09-07", "2026-09-10"), full_days("2026-11-23")
    mondays = ["2026-09-14", "2026-09-21", "2026-09-28", "2026-10-05", "2026-10-12", "2026-10-19", "2026-11-02", "2026-11-09"]
    weeks = [recorded(session(day, "AM"), "/", C, pupil=OTHER) for day in mondays]
    await story.arrives(enrolled(AT_C), *absences([*early, *late], urn=C), *weeks)

    published = await story.arrives(recorded(session("2026-11-17", "AM"), "/", C, pupil=OTHER))

    assert kinds(published) == [ThresholdWithdrawn]
    assert kinds(await story.arrives(calendar([*early, *late], urn=C))) == [ThresholdMet]


async def test_a_register_between_two_halves_of_a_holiday_makes_two_holidays(story: Story):
    holiday = full_days("2026-09-14", "2026-09-16") + full_days("2026-09-18", "2026-09-21")
    published = await story.arrives(enrolled(AT_C), *absences(holiday, "G", C))
    assert [each.holiday for each in published if isinstance(each, ThresholdMet)] == [True]

    (again,) = await story.arrives(recorded(session("2026-09-17", "AM"), "/", C, pupil=OTHER))

    assert isinstance(again, ThresholdMet)
    assert (again.holiday, again.revision) == (False, 2)


async def test_sessions_of_another_school_year_in_a_calendar_are_skipped(story: Story):
    await story.arrives(enrolled(), calendar([*TEN, session("2027-09-03", "AM"), session("2026-08-31", "PM")], revision=1))

    published = await story.arrives(*absences(TEN))

    assert published[-1].name == "threshold-met"


async def test_a_session_at_two_schools_counts_only_if_both_marks_do_whatever_came_first(story: Story):
    better = [recorded(each, "/", C, dual=True) for each in TEN[:2]]
    await story.arrives(*better, *absences(TEN), *calendars_a(), enrolled((A, "2025-09-01", None), AT_C))

    async with story.database.begin() as tx:
        judgement = (await judgements(tx, [PUPIL]))[PUPIL]

    assert (judgement.status, judgement.count) == ("approaching", 8)
    assert [[(mark.urn, mark.code) for mark in each.marks] for each in judgement.disagreements] == [[(A, "O"), (C, "/")]] * 2


async def test_another_schools_mark_that_cancels_the_latest_absence_leaves_the_earlier_ones_counting(story: Story):
    early, late = full_days("2026-09-14", "2026-09-17")[:7], full_days("2026-12-07")[0]
    at_both = enrolled((A, "2025-09-01", None), AT_C)
    published = await story.arrives(*calendars_a(), *calendars_a(C), at_both, *absences(early), recorded(late, "O"))
    assert [each.name for each in published] == ["threshold-approaching"]

    again = await story.arrives(recorded(late, "/", C, dual=True))

    assert [each.name for each in again] == ["threshold-approaching"]
    assert await find_stale_standings(story.database) == []
