"""Each state of thresholds that must never exist is found when it is planted, and none of sound pupils."""

import pytest

from services.thresholds.app import SERVICE
from services.thresholds.invariants import INVARIANTS
from tests.support.invariants import broken_states, plant
from tests.thresholds.builders import full_days
from tests.thresholds.events import Story, absences, calendars_a, enrolled, issued

PLANTED = {
    "a pupil has met the threshold in no run": ("UPDATE pupils SET run_id = NULL",),
    "a run is open and its pupil has not met the threshold": ("UPDATE pupils SET status = 'below'",),
    "a run is open whose case was closed": (
        "INSERT INTO closed_cases (case_id, run_id, pupil_id, closed_on) SELECT run_id, run_id, id, '2026-11-01' FROM pupils",
    ),
    "the last step of an open run is not that the threshold was met": ("UPDATE run_steps SET step = 'withdrawn'",),
    "an open run is of another revision than its last step": ("UPDATE pupils SET run_revision = 7",),
    "a record that is another one's has a run of its own": ("UPDATE pupils SET same_as = gen_random_uuid()",),
    "a pupil left a roll before coming to it": ("UPDATE rolls SET left_on = '2020-01-01'",),
    "a pupil is on a roll of which no event has arrived": ("UPDATE pupils SET roll_revision = 0",),
    "a notice gives its sessions back and was not withdrawn": ("UPDATE reliances SET restores = true",),
    "sessions are charged by something else than a court file": ("UPDATE reliances SET charged = marks",),
}


@pytest.fixture
async def sound(database):
    """A pupil who met the threshold, with a Notice to Improve."""
    ten = full_days("2026-09-14", "2026-09-18")
    await Story(database).arrives(enrolled(), *calendars_a(), *absences(ten), issued(ten, "notice-to-improve"))


async def test_a_sound_pupil_is_in_no_state_that_must_never_exist(database, sound):
    assert await broken_states(database, SERVICE) == set()


@pytest.mark.parametrize("state", [each.state for each in INVARIANTS])
async def test_a_planted_bad_state_is_named(database, sound, state):
    await plant(database, PLANTED[state])

    assert state in await broken_states(database, SERVICE)
