"""Facts that arrive late, early, or one without the other."""

import pytest
from sqlalchemy import text

from services.thresholds import use_cases
from services.thresholds.use_cases import judging
from shared.contracts.thresholds import ThresholdMet, ThresholdWithdrawn
from shared.database import Database
from tests.thresholds.builders import A, C, session, whole_days
from tests.thresholds.events import OTHER, PUPIL, Story, absences, calendar, calendars_a, enrolled, recorded

TEN = whole_days("2026-09-14", "2026-09-18")
AT_C = (C, "2025-09-01", None)


@pytest.fixture
async def story(database: Database):
    yield Story(database)
    assert await use_cases.stored_that_differ(database) == []


async def count_of(story: Story, table: str) -> int:
    async with story.database.begin() as tx:
        return int((await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar() or 0)


def kinds(said) -> list[type]:
    return [type(each) for each in said]


async def test_marks_before_the_roll_are_kept_and_judged_when_it_arrives(story: Story):
    before = await story.arrives(*absences(TEN), *calendars_a())

    assert before == []
    assert kinds(await story.arrives(enrolled())) == [ThresholdMet]


async def test_a_roll_older_than_the_stored_one_changes_nothing(story: Story):
    await story.arrives(*absences(TEN), *calendars_a(), enrolled(revision=2))

    assert await story.arrives(enrolled((A, "2026-09-15", None), revision=1)) == []


async def test_of_several_rolls_in_one_batch_the_newest_stands(story: Story):
    await story.arrives(*absences(TEN), *calendars_a())

    said = await story.arrives_together(enrolled(revision=3), enrolled((A, "2026-09-15", None), revision=2))

    assert kinds(said) == [ThresholdMet]


async def test_of_many_who_are_judged_together_each_is_said(story: Story, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(judging, "AT_ONCE", 1)
    await story.arrives(*calendars_a(), *absences(TEN), *(recorded(each, "O", pupil=OTHER) for each in TEN))

    said = await story.arrives_together(enrolled(), enrolled(pupil=OTHER, upn="T881200024002"))

    assert kinds(said) == [ThresholdMet, ThresholdMet]
    assert sorted(each.key for each in said) == sorted(map(str, (PUPIL, OTHER)))


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


async def test_another_pupils_mark_is_another_pupils(story: Story):
    await story.arrives(enrolled(), *calendars_a(), *absences(TEN[:9]), recorded(TEN[9], "O", pupil=OTHER))

    assert await count_of(story, "pupils WHERE status = 'met'") == 0


async def test_a_late_calendar_moves_the_window(story: Story):
    early, late = whole_days("2026-09-07", "2026-09-10"), whole_days("2026-11-23")
    await story.arrives(enrolled(), *absences([*early, *late]))  # two school weeks so far: all ten are in the window

    assert kinds(await story.arrives(*calendars_a())) == [ThresholdMet, ThresholdWithdrawn]  # first the year before, then this one


async def test_a_register_of_a_week_not_known_before_moves_the_window_of_every_pupil_at_a_school_without_a_calendar(story: Story):
    early, late = whole_days("2026-09-07", "2026-09-10"), whole_days("2026-11-23")
    mondays = ["2026-09-14", "2026-09-21", "2026-09-28", "2026-10-05", "2026-10-12", "2026-10-19", "2026-11-02", "2026-11-09"]
    weeks = [recorded(session(day, "AM"), "/", C, pupil=OTHER) for day in mondays]
    await story.arrives(enrolled(AT_C), *absences([*early, *late], urn=C), *weeks)

    said = await story.arrives(recorded(session("2026-11-17", "AM"), "/", C, pupil=OTHER))

    assert kinds(said) == [ThresholdWithdrawn]
    assert kinds(await story.arrives(calendar([*early, *late], urn=C))) == [ThresholdMet]


async def test_a_register_between_two_halves_of_a_holiday_makes_it_two(story: Story):
    holiday = whole_days("2026-09-14", "2026-09-16") + whole_days("2026-09-18", "2026-09-21")
    said = await story.arrives(enrolled(AT_C), *absences(holiday, "G", C))
    assert [each.holiday for each in said if isinstance(each, ThresholdMet)] == [True]

    (again,) = await story.arrives(recorded(session("2026-09-17", "AM"), "/", C, pupil=OTHER))

    assert isinstance(again, ThresholdMet)
    assert (again.holiday, again.revision) == (False, 2)


async def test_sessions_of_another_school_year_in_a_calendar_are_passed_over(story: Story):
    await story.arrives(enrolled(), calendar([*TEN, session("2027-09-03", "AM"), session("2026-08-31", "PM")], revision=1))

    said = await story.arrives(*absences(TEN))

    assert said[-1].name == "threshold-met"


async def test_a_pupil_of_two_schools_counts_only_where_both_say_so_whatever_came_first(story: Story):
    better = [recorded(each, "/", C, dual=True) for each in TEN[:2]]
    await story.arrives(*better, *absences(TEN), *calendars_a(), enrolled((A, "2025-09-01", None), AT_C))

    async with story.database.begin() as tx:
        judgement = (await use_cases.judgements(tx, [PUPIL]))[PUPIL]

    assert (judgement["status"], judgement["count"]) == ("approaching", 8)
    assert [each["marks"] for each in judgement["disagreements"]] == [[{"urn": A, "code": "O"}, {"urn": C, "code": "/"}]] * 2


async def test_another_school_s_mark_that_takes_the_latest_absence_away_is_judged_by_the_absences_before_it(story: Story):
    early, late = whole_days("2026-09-14", "2026-09-17")[:7], whole_days("2026-12-07")[0]
    at_both = enrolled((A, "2025-09-01", None), AT_C)
    said = await story.arrives(*calendars_a(), *calendars_a(C), at_both, *absences(early), recorded(late, "O"))
    assert [each.name for each in said] == ["threshold-approaching"]

    again = await story.arrives(recorded(late, "/", C, dual=True))

    assert [each.name for each in again] == ["threshold-approaching"]
    assert await use_cases.stored_that_differ(story.database) == []
