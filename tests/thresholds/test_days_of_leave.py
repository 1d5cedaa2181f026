"""An absence on a day for which leave was granted counts for nothing until a person of the school confirms it."""

from itertools import permutations

import pytest

from services.thresholds.use_cases.recomputation import find_stale_standings
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdMet, ThresholdWithdrawn
from shared.database import Database
from tests.support import ApiClient
from tests.thresholds.builders import A, C, full_days
from tests.thresholds.events import UPN, Story, absences, calendars_a, enrolled, issued, recorded

WEEK = full_days("2026-11-09", "2026-11-13")
LEAVE, REST = WEEK[:4], WEEK[4:]


@pytest.fixture
async def story(database: Database):
    story = Story(database)
    await story.arrives(enrolled(), *calendars_a())
    yield story
    assert await find_stale_standings(database) == []


def on_leave(revision=1):
    return [recorded(session, "G", on_leave=True, revision=revision) for session in LEAVE]


def confirmed(revision=2):
    return [recorded(session, "G", revision=revision) for session in LEAVE]


async def the_threshold(api: ApiClient):
    return (await api.as_("service").get(f"/v1/pupils/{UPN}/threshold")).json()


async def test_absences_on_days_of_leave_are_flagged_and_not_counted(story: Story, api: ApiClient):
    await story.arrives(*absences(REST, "G"), *on_leave())

    found = await the_threshold(api)

    assert (found["status"], found["count"]) == ("approaching", 6)
    assert [(each["date"], each["session"], each["why"]) for each in found["flagged"]] == [
        (day, half, "leave-granted") for day in ("2026-11-09", "2026-11-10") for half in ("AM", "PM")
    ]


async def test_a_confirmed_absence_counts_in_whatever_order_the_events_arrive(story: Story, api: ApiClient):
    for number, order in enumerate(permutations([on_leave(1), confirmed(2), on_leave(3), confirmed(4)])):
        if number % 5 == 0:
            await story.arrives(*absences(REST, "G"), *(event for events in order for event in events))
            assert (await the_threshold(api))["count"] == 10


async def test_leave_granted_late_takes_the_threshold_back_and_its_confirmation_gives_it_again(story: Story, api: ApiClient):
    met = await story.arrives(*absences(WEEK, "G"))

    withdrawn = await story.arrives(*on_leave(2))
    again = await story.arrives(*confirmed(3))

    assert [type(event) for event in (met[-1], withdrawn[-1], again[-1])] == [ThresholdMet, ThresholdWithdrawn, ThresholdMet]
    assert (await the_threshold(api))["status"] == "met"


async def test_leave_granted_after_a_notice_stops_what_rests_on_those_sessions_once(story: Story):
    await story.arrives(*absences(WEEK, "G"))
    notice = issued(WEEK, code="G")
    await story.arrives(notice)

    published = await story.arrives(*on_leave(2))
    again = await story.arrives(*on_leave(3))

    changes = [event for event in published if isinstance(event, ReliedOnMarkChanged)]
    assert [(event.date, event.session) for event in changes] == [tuple(session) for session in LEAVE]
    assert {(event.leave_granted, event.lost, event.why_lost, event.code, event.previous_code) for event in changes} == {
        (True, None, "leave-granted", "G", "G")
    }
    assert {each.id for event in changes for each in event.relied_on_by} == {notice.notice_id}
    assert [event for event in again if isinstance(event, ReliedOnMarkChanged)] == []


async def test_an_attending_mark_on_a_day_of_leave_stays_evidence_beside_another_schools(story: Story, api: ApiClient):
    await story.arrives(enrolled((A, "2025-09-01", None), (C, "2025-09-01", None), revision=2))

    await story.arrives(recorded(WEEK[0], "/", A, dual=True, on_leave=True), recorded(WEEK[0], "O", C, dual=True), *absences(REST, "O", C))

    assert (await the_threshold(api))["count"] == 6
