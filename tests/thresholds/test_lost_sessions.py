"""A session that something rests on is none of the pupil's any more, since a roll or a calendar changed: said as a changed mark is."""

from datetime import date

import pytest

from services.thresholds import use_cases
from shared.contracts.event import Event
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdMet, ThresholdWithdrawn
from shared.database import Database
from shared.ids import new_id
from shared.testing import ApiClient
from tests.thresholds.builders import A, C, open_sessions, whole_days
from tests.thresholds.events import PUPIL, UPN, Story, absences, calendar, calendars_a, enrolled, file_opened, given_up, issued, withdrawn

TEN = whole_days("2026-09-14", "2026-09-18")
OPEN = [session for session in open_sessions() if session.date >= date(2026, 9, 1)]
WITHOUT_THE_17TH = [session for session in OPEN if session.date != date(2026, 9, 17)]


@pytest.fixture
async def story(database: Database):
    story = Story(database)
    await story.arrives(enrolled(), *calendars_a(), *absences(TEN))
    yield story
    assert await use_cases.stored_that_differ(database) == []


def changes(said: list[Event]) -> list[ReliedOnMarkChanged]:
    return [each for each in said if isinstance(each, ReliedOnMarkChanged)]


def losses(said: list[Event]) -> list[tuple[str, str, str | None]]:
    assert all((each.code, each.version) == (each.previous_code, each.previous_version) for each in changes(said)), "it stands"
    return [(each.date.isoformat(), each.session, each.lost) for each in changes(said)]


async def test_a_closure_is_said_of_everything_that_rests_on_its_sessions(story: Story):
    warning, notice, file = issued(TEN, "notice-to-improve"), issued(TEN), file_opened(TEN)
    await story.arrives(warning, notice, file)

    said = await story.arrives(calendar(WITHOUT_THE_17TH, revision=2))

    assert losses(said) == [("2026-09-17", "AM", "not-held"), ("2026-09-17", "PM", "not-held")]
    first = changes(said)[0]
    assert {each.id for each in first.relied_on_by} == {warning.notice_id, notice.notice_id, file.file_id}
    assert (first.code, first.version) == ("O", 1)


async def test_a_leaving_date_moved_back_is_said_and_comes_before_what_it_does_to_the_threshold(story: Story):
    await story.arrives(issued(TEN, "notice-to-improve"))

    said = await story.arrives(enrolled((A, "2025-09-01", "2026-09-16"), revision=2))

    assert losses(said) == [(day, half, "off-roll") for day in ("2026-09-17", "2026-09-18") for half in ("AM", "PM")]
    assert isinstance(said[-1], ThresholdWithdrawn)


async def test_an_admission_moved_on_is_said(story: Story):
    await story.arrives(issued(TEN))

    assert losses(await story.arrives(enrolled((A, "2026-09-15", None), revision=2))) == [
        ("2026-09-14", "AM", "off-roll"),
        ("2026-09-14", "PM", "off-roll"),
    ]


async def test_a_birth_date_put_right_is_said_where_the_pupil_was_not_of_compulsory_school_age(story: Story):
    await story.arrives(issued(TEN))

    said = await story.arrives(enrolled(revision=2, compulsory_from="2026-09-18"))

    assert {why for _, _, why in losses(said)} == {"not-of-age"}
    assert len(losses(said)) == 8


async def test_a_change_elsewhere_or_the_same_again_says_nothing(story: Story):
    await story.arrives(issued(TEN))
    inset = [session for session in OPEN if session.date != date(2026, 9, 21)]
    moved = enrolled((A, "2025-09-01", "2026-10-02"), (C, "2026-10-05", None), revision=2)

    assert losses(await story.arrives(calendar(inset, revision=2), moved, calendar(inset, revision=2), moved)) == []


async def test_a_session_lost_already_is_said_once_and_again_only_after_it_was_made_good(story: Story):
    await story.arrives(issued(TEN))
    first = await story.arrives(calendar(WITHOUT_THE_17TH, revision=2))

    half_term = [session for session in WITHOUT_THE_17TH if session.date < date(2026, 10, 1)]
    assert losses(await story.arrives(calendar(half_term, revision=3), calendar(OPEN, revision=4))) == []
    again = await story.arrives(calendar(WITHOUT_THE_17TH, revision=5))

    assert losses(again) == losses(first)
    assert changes(first)[0].loss_id != changes(again)[0].loss_id


async def test_what_was_lost_before_the_notice_was_heard_of_is_said_when_it_is(story: Story):
    await story.arrives(calendar(WITHOUT_THE_17TH, revision=2))
    notice = issued(TEN)

    said = await story.arrives(notice, notice)

    assert losses(said) == [("2026-09-17", "AM", "not-held"), ("2026-09-17", "PM", "not-held")]
    assert [each.id for each in changes(said)[0].relied_on_by] == [notice.notice_id]


async def test_who_issues_is_told_what_nothing_may_rest_on_now(story: Story, api: ApiClient):
    path = f"/v1/pupils/{UPN}/judged?from=2026-09-16&to=2026-09-18"
    before = (await api.as_("service").get(path)).json()["lost"]
    await story.arrives(calendar(WITHOUT_THE_17TH, revision=2), enrolled((A, "2025-09-01", "2026-09-17"), revision=2))
    place = {"session": "AM", "urn": A}

    now = (await api.as_("service").get(path)).json()["lost"]

    assert before == []
    assert now[::2] == [{"date": "2026-09-17", **place, "why": "not-held"}, {"date": "2026-09-18", **place, "why": "off-roll"}]


async def test_what_was_withdrawn_loses_nothing(story: Story):
    notice, file = issued(TEN), file_opened(TEN)
    await story.arrives(notice, file, withdrawn(notice, restores=False), given_up(file))

    assert losses(await story.arrives(calendar(WITHOUT_THE_17TH, revision=2))) == []


async def test_an_excluded_pupils_notice_loses_a_session_though_its_marks_never_counted(database: Database):
    story, excluded = Story(database), whole_days("2026-10-12")
    await story.arrives(enrolled(), *calendars_a(), *absences(excluded, "E"), issued(excluded, "excluded-pupil-notice", code="E"))

    said = await story.arrives(calendar([session for session in OPEN if session not in excluded], revision=2))

    assert losses(said) == [("2026-10-12", "AM", "not-held"), ("2026-10-12", "PM", "not-held")]


async def test_the_first_calendar_of_a_school_may_take_sessions_away(database: Database):
    story = Story(database)
    await story.arrives(enrolled(), *absences(TEN), issued(TEN))

    assert len(losses(await story.arrives(calendar(WITHOUT_THE_17TH)))) == 2


async def test_a_merger_taken_back_is_said_of_what_rests_on_the_other_records_sessions(story: Story):
    other = new_id()
    here, there = TEN[:4], whole_days("2026-10-05", "2026-10-06")
    second = enrolled((C, "2026-09-28", None), pupil=other, upn="X88120002400A")
    await story.arrives(*calendars_a(C), second.model_copy(update={"same_as": enrolled().pupil_id}))
    notice = issued(here)
    elsewhere = issued(there).model_copy(update={"sessions": tuple(each.model_copy(update={"urn": C}) for each in issued(there).sessions)})
    assert losses(await story.arrives(notice, elsewhere)) == []

    said = await story.arrives(second.model_copy(update={"revision": 2}))

    assert {each.relied_on_by[0].id for each in changes(said)} == {elsewhere.notice_id}
    assert {why for _, _, why in losses(said)} == {"off-roll"}


async def test_a_case_without_a_notice_hears_its_threshold_said_again_or_taken_back(story: Story):
    more = whole_days("2026-09-21")
    await story.arrives(*absences(more))

    (said,) = await story.arrives(calendar(WITHOUT_THE_17TH, revision=2))
    (gone,) = await story.arrives(enrolled((A, "2025-09-01", "2026-09-18"), revision=2))

    assert isinstance(said, ThresholdMet)
    assert isinstance(gone, ThresholdWithdrawn)
    assert (gone.run_id, gone.count) == (said.run_id, 8)


async def test_a_merger_does_not_say_again_what_was_lost_before(story: Story):
    await story.arrives(issued(TEN))
    await story.arrives(calendar(WITHOUT_THE_17TH, revision=2))
    second = enrolled((C, "2026-09-28", None), pupil=new_id(), upn="X88120002400A")

    said = await story.arrives(*calendars_a(C), second.model_copy(update={"same_as": PUPIL}))

    assert losses(said) == []
