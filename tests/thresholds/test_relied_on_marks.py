"""A mark that changes under something that rests on it."""

import pytest

from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdApproaching, ThresholdMet, ThresholdWithdrawn
from shared.database import Database
from tests.thresholds.builders import A, C, full_days
from tests.thresholds.events import Story, absences, calendars_a, enrolled, file_opened, given_up, issued, recorded, withdrawn

TEN = full_days("2026-09-14", "2026-09-18")


@pytest.fixture
async def story(database: Database):
    story = Story(database)
    await story.arrives(enrolled(), *calendars_a(), *absences(TEN))
    return story


def changes(published) -> list[ReliedOnMarkChanged]:
    return [each for each in published if isinstance(each, ReliedOnMarkChanged)]


async def test_a_changed_mark_is_published_once_with_everything_that_relies_on_the_session(story: Story):
    warning, one, other = issued(TEN, "notice-to-improve"), issued(TEN), issued(TEN[:4])
    file = file_opened(TEN)
    await story.arrives(warning, one, other, file)

    (change,) = changes(await story.arrives(recorded(TEN[0], "I", version=2, before="O")))

    assert (change.date, change.session, change.urn) == (TEN[0].date, "AM", A)
    assert (change.previous_code, change.previous_version, change.code, change.version) == ("O", 1, "I", 2)
    assert {(each.kind, each.id) for each in change.relied_on_by} == {
        ("notice-to-improve", warning.notice_id),
        ("penalty-notice", one.notice_id),
        ("penalty-notice", other.notice_id),
        ("prosecution-file", file.file_id),
    }


async def test_a_change_between_codes_that_do_not_count_is_published_too(story: Story):
    await story.arrives(issued(TEN), recorded(TEN[0], "I", version=2, before="O"))

    (change,) = changes(await story.arrives(recorded(TEN[0], "M", version=3, before="I")))

    assert (change.previous_code, change.code, change.version) == ("I", "M", 3)


async def test_a_repeated_mark_or_another_session_publishes_nothing(story: Story):
    await story.arrives(issued(TEN[:4]))

    assert changes(await story.arrives(*absences(TEN), recorded(TEN[5], "I", version=2, before="O"))) == []


async def test_an_amendment_that_came_before_the_notice_is_published_when_the_notice_arrives(story: Story):
    await story.arrives(recorded(TEN[0], "I", version=2, before="O"))
    notice = issued(TEN)

    published = await story.arrives(notice)

    (change,) = changes(published)
    assert (change.previous_code, change.code, change.version) == ("O", "I", 2)
    assert [each.id for each in change.relied_on_by] == [notice.notice_id]


async def test_a_withdrawn_notice_relies_on_nothing(story: Story):
    notice, file = issued(TEN), file_opened(TEN)
    await story.arrives(notice, file, withdrawn(notice, restores=False), given_up(file))

    assert changes(await story.arrives(recorded(TEN[0], "I", version=2, before="O"))) == []


async def test_a_changed_mark_is_published_before_its_effect_on_the_threshold(story: Story):
    await story.arrives(issued(TEN, "notice-to-improve"))

    published = await story.arrives(recorded(TEN[0], "I", version=2, before="O"))

    assert [type(each) for each in published] == [ReliedOnMarkChanged, ThresholdWithdrawn]


async def test_a_better_mark_of_another_school_is_published_for_what_relies_on_the_session(story: Story):
    await story.arrives(enrolled((A, "2025-09-01", None), (C, "2026-09-01", None), revision=2), issued(TEN))

    gives_way = changes(await story.arrives(recorded(TEN[0], "D", C, dual=True)))
    agrees = changes(await story.arrives(recorded(TEN[1], "O", C, dual=True)))
    (contradicts,) = changes(await story.arrives(recorded(TEN[2], "/", C, dual=True)))
    (turns,) = changes(await story.arrives(recorded(TEN[0], "V", C, version=2, before="D", dual=True)))

    assert (gives_way, agrees) == ([], [])
    assert (contradicts.urn, contradicts.previous_code, contradicts.previous_version, contradicts.code) == (C, "-", 0, "/")
    assert (turns.previous_code, turns.code) == ("D", "V")


async def test_an_excluded_pupils_notice_relies_on_marks_that_never_counted(story: Story):
    excluded = full_days("2026-10-12")
    await story.arrives(*absences(excluded, "E"), issued(excluded, "excluded-pupil-notice", code="E"))

    (change,) = changes(await story.arrives(recorded(excluded[0], "I", version=2, before="E")))

    assert (change.previous_code, change.code) == ("E", "I")


async def test_several_versions_in_one_batch_are_each_published(story: Story):
    await story.arrives(issued(TEN))

    published = await story.arrives_at_once(
        recorded(TEN[0], "I", version=2, before="O"), recorded(TEN[0], "O", version=3, before="I"), recorded(TEN[0], "O", version=3)
    )

    assert [(each.previous_code, each.code) for each in changes(published)] == [("O", "I"), ("I", "O")]
    assert not any(isinstance(each, ThresholdMet | ThresholdApproaching) for each in published)
