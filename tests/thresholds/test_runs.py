"""Runs of the threshold: what opens one, what is published of it again, and what ends it."""

from types import SimpleNamespace
from typing import TypeVar

import pytest
from sqlalchemy import text

from services.thresholds.use_cases.recomputation import find_stale_standings
from services.thresholds.use_cases.standings import judgements
from shared.contracts.event import Event
from shared.contracts.thresholds import ThresholdApproaching, ThresholdMet, ThresholdWithdrawn
from shared.database import Database
from tests.thresholds.builders import A, full_days, session
from tests.thresholds.events import (
    PUPIL,
    Story,
    absences,
    calendar,
    calendars_a,
    charged,
    closed,
    enrolled,
    file_opened,
    given_up,
    issued,
    recorded,
    withdrawn,
)

E = TypeVar("E", bound=Event)

TEN = full_days("2026-09-14", "2026-09-18")
LATER = full_days("2026-10-05", "2026-10-09")


@pytest.fixture
async def story(database: Database):
    story = Story(database)
    await story.arrives(enrolled(), *calendars_a())
    yield story
    assert await find_stale_standings(database) == []


def the(kind: type[E], published: list[Event]) -> E:
    """Return the one event that was published, which is of this kind."""
    (event,) = published
    assert isinstance(event, kind)
    return event


async def standing(story: Story):
    async with story.database.begin() as tx:
        row = (await tx.execute(text("SELECT status, run_id, run_revision FROM pupils WHERE id = :id"), {"id": PUPIL})).one()
        return SimpleNamespace(**row._mapping, judgement=(await judgements(tx, [PUPIL]))[PUPIL])


async def met(story: Story) -> ThresholdMet:
    return the(ThresholdMet, await story.arrives_at_once(*absences(TEN)))


async def test_the_sixth_session_is_approaching_and_the_tenth_meets_the_threshold(story: Story):
    published = await story.arrives(*absences(TEN))

    approaching, met = published
    assert isinstance(approaching, ThresholdApproaching)
    assert (approaching.count, approaching.latest.session, approaching.urn, approaching.revision) == (6, "PM", A, 1)
    assert isinstance(met, ThresholdMet)
    assert (met.met_at.date, met.met_at.session, met.revision, met.policy) == (TEN[-1].date, "PM", 1, "essex")
    assert [(each.date, each.session, each.version) for each in met.sessions] == [(*each, 1) for each in TEN]
    assert (str(met.window.start), str(met.window.end), len(met.weeks)) == ("2026-06-08", "2026-09-20", 10)
    assert (met.counts, met.holiday, str(met.earliest_time_bar)) == ({"O": 10}, False, "2027-03-14")
    assert {each["provision"] for each in met.findings} >= {"threshold_sessions", "window_weeks", "counting_codes", "time_bar_months"}


async def test_a_session_after_the_crossing_is_published_in_the_same_run(story: Story):
    first = await met(story)

    again = the(ThresholdMet, await story.arrives(recorded(LATER[0], "O")))

    assert (again.run_id, again.revision, len(again.counting)) == (first.run_id, 2, 11)
    assert again.sessions == first.sessions


async def test_a_mark_that_counts_no_more_moves_the_crossing(story: Story):
    first = await met(story)
    await story.arrives(recorded(LATER[0], "O"))

    again = the(ThresholdMet, await story.arrives(recorded(TEN[0], "I", version=2, before="O")))

    assert (again.run_id, again.revision, again.met_at.date) == (first.run_id, 3, LATER[0].date)


async def test_another_counting_code_is_published_with_its_version(story: Story):
    first = await met(story)

    again = the(ThresholdMet, await story.arrives(recorded(TEN[0], "U", version=2, before="O")))

    assert (again.run_id, again.sessions[0].code, again.sessions[0].version) == (first.run_id, "U", 2)


async def test_a_run_that_becomes_a_single_holiday_is_published_again(story: Story):
    october = full_days("2026-10-19", "2026-10-23")
    await story.arrives_at_once(*absences(full_days("2026-09-07")), *absences(october[:8], "G"))
    await story.arrives(recorded(october[8], "G"))

    again = the(ThresholdMet, await story.arrives(recorded(october[9], "G")))

    assert again.holiday
    assert again.holiday_period
    assert (again.holiday_period.start, again.holiday_period.end, again.revision) == (october[0].date, october[9].date, 3)


async def test_an_amendment_below_ten_withdraws_a_run_and_one_back_goes_on_with_it(story: Story):
    first = await met(story)

    withdrawal = the(ThresholdWithdrawn, await story.arrives(recorded(TEN[0], "I", version=2, before="O")))
    anew = the(ThresholdMet, await story.arrives(recorded(TEN[0], "O", version=3, before="I")))

    assert (withdrawal.run_id, withdrawal.revision, withdrawal.count, len(withdrawal.counting)) == (first.run_id, 2, 9, 9)
    assert (anew.run_id, anew.revision) == (first.run_id, 3)


async def test_a_roll_or_a_calendar_that_takes_sessions_away_withdraws(story: Story):
    await met(story)

    left = await story.arrives(enrolled((A, "2025-09-01", "2026-09-17"), revision=2))
    back = await story.arrives(enrolled(revision=3))
    closed_day = await story.arrives(calendar([each for each in [*TEN, *LATER] if each != TEN[3]], revision=2))

    assert [type(each) for each in [*left, *back, *closed_day]] == [ThresholdWithdrawn, ThresholdMet, ThresholdWithdrawn]


async def test_repeated_facts_publish_nothing(story: Story):
    await met(story)

    assert await story.arrives(*absences(TEN), enrolled(), *calendars_a()) == []


async def test_a_penalty_notice_spends_its_sessions_silently_and_the_rest_counts_on(story: Story):
    await met(story)
    await story.arrives_at_once(*absences(LATER[:2]))

    assert await story.arrives(issued(TEN)) == []

    now = await standing(story)
    assert (now.status, now.judgement.count, now.run_id) == ("below", 2, None)
    assert now.judgement.findings


async def test_sessions_left_after_a_notice_may_meet_the_threshold_anew(story: Story):
    first = await met(story)
    await story.arrives_at_once(*absences(LATER))

    anew = the(ThresholdMet, await story.arrives(issued(TEN)))

    assert anew.run_id != first.run_id
    assert (anew.revision, len(anew.counting)) == (1, 10)


async def test_a_notice_on_other_sessions_leaves_the_run_open(story: Story):
    first = await met(story)
    await story.arrives_at_once(*absences(LATER[:2]))

    again = the(ThresholdMet, await story.arrives(issued(LATER[:2])))

    assert (again.run_id, len(again.counting)) == (first.run_id, 10)


async def test_a_notice_to_improve_spends_nothing(story: Story):
    first = await met(story)

    assert await story.arrives(issued(TEN, "notice-to-improve")) == []

    assert (await standing(story)).run_id == first.run_id


async def test_a_material_error_gives_sessions_back_to_the_run_that_they_met(story: Story):
    first = await met(story)
    notice = issued(TEN)
    await story.arrives(notice)

    anew = the(ThresholdMet, await story.arrives(withdrawn(notice, restores=True)))

    assert anew.run_id == first.run_id
    assert anew.revision > first.revision


async def test_other_grounds_of_withdrawal_give_nothing_back(story: Story):
    await met(story)
    notice = issued(TEN)
    await story.arrives(notice)

    assert await story.arrives(withdrawn(notice, restores=False)) == []
    assert (await standing(story)).judgement.count == 0


async def test_the_other_parents_notice_keeps_sessions_spent(story: Story):
    await met(story)
    one, other = issued(TEN), issued(TEN)
    await story.arrives(one, other)

    assert await story.arrives(withdrawn(one, restores=True)) == []
    assert len(await story.arrives(withdrawn(other, restores=True))) == 1


async def test_a_court_file_keeps_sessions_spent_until_the_file_is_given_up(story: Story):
    await met(story)
    notice = issued(TEN)
    file = file_opened(TEN, [notice.notice_id])
    await story.arrives(notice, file)

    assert await story.arrives(withdrawn(notice, restores=True)) == []
    the(ThresholdMet, await story.arrives(given_up(file)))


async def test_a_charge_spends_and_a_file_given_up_afterwards_gives_nothing_back(story: Story):
    await met(story)
    file = file_opened(TEN)

    assert await story.arrives(file) == []
    assert (await standing(story)).status == "met"
    assert await story.arrives(charged(file), given_up(file)) == []
    assert (await standing(story)).status == "below"


async def test_a_case_closed_without_a_notice_sets_aside_and_the_next_run_is_a_new_one(story: Story):
    first = await met(story)
    await story.arrives_at_once(*absences(LATER[:2]))

    assert await story.arrives(closed(first.run_id, "2026-10-02")) == []

    now = await standing(story)
    assert (now.status, now.judgement.count) == ("below", 2)
    assert (len(now.judgement.set_aside), len(now.judgement.counting)) == (10, 2)
    published = await story.arrives(*absences(LATER[2:]))
    approaching, anew = published
    assert isinstance(approaching, ThresholdApproaching)
    assert isinstance(anew, ThresholdMet)
    assert anew.run_id != first.run_id
    assert len(anew.counting) == 10


async def test_a_case_closed_that_set_nothing_aside_ends_its_run_all_the_same(story: Story):
    first = await met(story)

    anew = the(ThresholdMet, await story.arrives(closed(first.run_id, None)))

    assert anew.run_id != first.run_id


async def test_every_step_of_a_run_is_kept_with_its_findings(story: Story):
    first = await met(story)
    await story.arrives(recorded(LATER[0], "O"), issued(TEN))

    async with story.database.begin() as tx:
        steps = (await tx.execute(text("SELECT * FROM run_steps WHERE run_id = :run ORDER BY revision"), {"run": first.run_id})).all()

    assert [(each.revision, each.step) for each in steps] == [(1, "met"), (2, "met"), (3, "spent")]
    assert all(each.judgement["findings"] for each in steps)


async def test_the_approaching_level_is_published_once_until_the_count_has_fallen_below(story: Story):
    published = await story.arrives(*absences(TEN[:8]))
    fallen = await story.arrives(*(recorded(each, "I", version=2, before="O") for each in TEN[:3]))
    again = await story.arrives(recorded(TEN[0], "O", version=3, before="I"))

    assert [each.revision for each in [*published, *again] if isinstance(each, ThresholdApproaching)] == [1, 2]
    assert fallen == []


async def test_a_session_named_in_a_notice_before_its_mark_arrives_is_spent(story: Story):
    notice = issued([*TEN, session("2026-09-21", "AM")])

    published = await story.arrives(notice, *absences([*TEN, session("2026-09-21", "AM")]))

    assert published == []
