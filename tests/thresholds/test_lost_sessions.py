"""A session relied on can no longer be the pupil's, since a roll or a calendar changed: that is published as a changed mark is."""

from datetime import date

import pytest

from services.thresholds.use_cases.recomputation import find_stale_standings
from shared.contracts.event import Event
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdMet, ThresholdWithdrawn
from shared.database import Database
from shared.ids import new_id
from tests.support import ApiClient
from tests.thresholds.builders import A, C, full_days, open_sessions
from tests.thresholds.events import PUPIL, UPN, Story, absences, calendar, calendars_a, enrolled, file_opened, given_up, issued, withdrawn

TEN = full_days("2026-09-14", "2026-09-18")
OPEN = [session for session in open_sessions() if session.date >= date(2026, 9, 1)]
WITHOUT_THE_17TH = [session for session in OPEN if session.date != date(2026, 9, 17)]


@pytest.fixture
async def story(database: Database):
    story = Story(database)
    await story.arrives(enrolled(), *calendars_a(), *absences(TEN))
    yield story
    assert await find_stale_standings(database) == []


def changes(published: list[Event]) -> list[ReliedOnMarkChanged]:
    return [each for each in published if isinstance(each, ReliedOnMarkChanged)]


def lost_sessions_of(published: list[Event]) -> list[tuple[str, str, str | None]]:
    assert all((each.code, each.version) == (each.previous_code, each.previous_version) for each in changes(published)), (
        "the mark is as it was"
    )
    return [(each.date.isoformat(), each.session, each.lost) for each in changes(published)]


async def test_a_closed_day_is_published_for_everything_that_relies_on_its_sessions(story: Story):
    warning, notice, file = issued(TEN, "notice-to-improve"), issued(TEN), file_opened(TEN)
    await story.arrives(warning, notice, file)

    published = await story.arrives(calendar(WITHOUT_THE_17TH, revision=2))

    assert lost_sessions_of(published) == [("2026-09-17", "AM", "not-held"), ("2026-09-17", "PM", "not-held")]
    first = changes(published)[0]
    assert {each.id for each in first.relied_on_by} == {warning.notice_id, notice.notice_id, file.file_id}
    assert (first.code, first.version) == ("O", 1)


async def test_a_leaving_date_moved_back_is_published_before_its_effect_on_the_threshold(story: Story):
    await story.arrives(issued(TEN, "notice-to-improve"))

    published = await story.arrives(enrolled((A, "2025-09-01", "2026-09-16"), revision=2))

    assert lost_sessions_of(published) == [(day, half, "off-roll") for day in ("2026-09-17", "2026-09-18") for half in ("AM", "PM")]
    assert isinstance(published[-1], ThresholdWithdrawn)


async def test_an_admission_moved_on_publishes_the_sessions_lost(story: Story):
    await story.arrives(issued(TEN))

    assert lost_sessions_of(await story.arrives(enrolled((A, "2026-09-15", None), revision=2))) == [
        ("2026-09-14", "AM", "off-roll"),
        ("2026-09-14", "PM", "off-roll"),
    ]


async def test_a_corrected_birth_date_publishes_the_sessions_outside_compulsory_school_age(story: Story):
    await story.arrives(issued(TEN))

    published = await story.arrives(enrolled(revision=2, compulsory_from="2026-09-18"))

    assert {why for _, _, why in lost_sessions_of(published)} == {"not-of-age"}
    assert len(lost_sessions_of(published)) == 8


async def test_a_change_elsewhere_or_a_repeated_change_publishes_nothing(story: Story):
    await story.arrives(issued(TEN))
    inset = [session for session in OPEN if session.date != date(2026, 9, 21)]
    moved = enrolled((A, "2025-09-01", "2026-10-02"), (C, "2026-10-05", None), revision=2)

    assert lost_sessions_of(await story.arrives(calendar(inset, revision=2), moved, calendar(inset, revision=2), moved)) == []


async def test_a_lost_session_is_published_once_and_again_only_after_having_been_restored(story: Story):
    await story.arrives(issued(TEN))
    first = await story.arrives(calendar(WITHOUT_THE_17TH, revision=2))

    half_term = [session for session in WITHOUT_THE_17TH if session.date < date(2026, 10, 1)]
    assert lost_sessions_of(await story.arrives(calendar(half_term, revision=3), calendar(OPEN, revision=4))) == []
    again = await story.arrives(calendar(WITHOUT_THE_17TH, revision=5))

    assert lost_sessions_of(again) == lost_sessions_of(first)
    assert changes(first)[0].loss_id != changes(again)[0].loss_id


async def test_a_session_lost_before_its_notice_arrived_is_published_with_the_notice(story: Story):
    await story.arrives(calendar(WITHOUT_THE_17TH, revision=2))
    notice = issued(TEN)

    published = await story.arrives(notice, notice)

    assert lost_sessions_of(published) == [("2026-09-17", "AM", "not-held"), ("2026-09-17", "PM", "not-held")]
    assert [each.id for each in changes(published)[0].relied_on_by] == [notice.notice_id]


async def test_a_service_can_read_the_sessions_that_nothing_may_rely_on(story: Story, api: ApiClient):
    path = f"/v1/pupils/{UPN}/judged?from=2026-09-16&to=2026-09-18"
    before = (await api.as_("service").get(path)).json()["lost"]
    await story.arrives(calendar(WITHOUT_THE_17TH, revision=2), enrolled((A, "2025-09-01", "2026-09-17"), revision=2))
    mark = {"session": "AM", "urn": A}

    now = (await api.as_("service").get(path)).json()["lost"]

    assert before == []
    assert now[::2] == [{"date": "2026-09-17", **mark, "why": "not-held"}, {"date": "2026-09-18", **mark, "why": "off-roll"}]


async def test_a_withdrawn_notice_or_file_loses_no_sessions(story: Story):
    notice, file = issued(TEN), file_opened(TEN)
    await story.arrives(notice, file, withdrawn(notice, restores=False), given_up(file))

    assert lost_sessions_of(await story.arrives(calendar(WITHOUT_THE_17TH, revision=2))) == []


async def test_an_excluded_pupils_notice_loses_a_session_though_its_marks_never_counted(database: Database):
    story, excluded = Story(database), full_days("2026-10-12")
    await story.arrives(enrolled(), *calendars_a(), *absences(excluded, "E"), issued(excluded, "excluded-pupil-notice", code="E"))

    published = await story.arrives(calendar([session for session in OPEN if session not in excluded], revision=2))

    assert lost_sessions_of(published) == [("2026-10-12", "AM", "not-held"), ("2026-10-12", "PM", "not-held")]


async def test_the_first_calendar_of_a_school_may_take_sessions_away(database: Database):
    story = Story(database)
    await story.arrives(enrolled(), *absences(TEN), issued(TEN))

    assert len(lost_sessions_of(await story.arrives(calendar(WITHOUT_THE_17TH)))) == 2


async def test_an_undone_merger_publishes_the_sessions_lost_with_the_other_record(story: Story):
    other = new_id()
    here, there = TEN[:4], full_days("2026-10-05", "2026-10-06")
    second = enrolled((C, "2026-09-28", None), pupil=other, upn="X88120002400A")
    await story.arrives(*calendars_a(C), second.model_copy(update={"same_as": enrolled().pupil_id}))
    notice = issued(here)
    elsewhere = issued(there).model_copy(update={"sessions": tuple(each.model_copy(update={"urn": C}) for each in issued(there).sessions)})
    assert lost_sessions_of(await story.arrives(notice, elsewhere)) == []

    published = await story.arrives(second.model_copy(update={"revision": 2}))

    assert {each.relied_on_by[0].id for each in changes(published)} == {elsewhere.notice_id}
    assert {why for _, _, why in lost_sessions_of(published)} == {"off-roll"}


async def test_a_session_lost_to_a_run_publishes_the_threshold_again_or_withdraws_the_run(story: Story):
    more = full_days("2026-09-21")
    await story.arrives(*absences(more))

    (published,) = await story.arrives(calendar(WITHOUT_THE_17TH, revision=2))
    (gone,) = await story.arrives(enrolled((A, "2025-09-01", "2026-09-18"), revision=2))

    assert isinstance(published, ThresholdMet)
    assert isinstance(gone, ThresholdWithdrawn)
    assert (gone.run_id, gone.count) == (published.run_id, 8)


async def test_a_merger_does_not_publish_again_the_sessions_lost_before(story: Story):
    await story.arrives(issued(TEN))
    await story.arrives(calendar(WITHOUT_THE_17TH, revision=2))
    second = enrolled((C, "2026-09-28", None), pupil=new_id(), upn="X88120002400A")

    published = await story.arrives(*calendars_a(C), second.model_copy(update={"same_as": PUPIL}))

    assert lost_sessions_of(published) == []
