"""Each state of court files that must never exist is found when it is planted, and none in sound files."""

import pytest

from services.prosecutions.app import SERVICE
from services.prosecutions.invariants import INVARIANTS
from tests.prosecutions.examples import a_changed_mark, an_agreement, an_overdue_notice
from tests.support import deliver
from tests.support.invariants import broken_states, plant

PAID = "INSERT INTO notice_states (notice_id, discharged) SELECT notice_id, true FROM files WHERE notice_id IS NOT NULL"
CHARGED = "UPDATE files SET status = 'charged', charged_on = '2026-12-16', charged_sessions = sessions"
PLANTED = {
    "a draft rests on a notice that is paid in full or withdrawn": (PAID,),
    "a charge rests on a notice that is paid in full or withdrawn, and nothing ever held the file for it": (PAID, CHARGED),
    "a file is charged without a day or without sessions": ("UPDATE files SET status = 'charged', charged_on = '2026-12-16'",),
    "a charge was brought after the last day for any of its sessions": ("UPDATE files SET charged_on = '2028-01-01'",),
    "a charge was brought before its file was opened": ("UPDATE files SET charged_on = '2026-12-15'",),
    "a charge was brought while the notice could be paid": (CHARGED, "UPDATE files SET charged_on = '2026-12-15', held = false"),
    "a file has ended without a day or an outcome": ("UPDATE files SET status = 'stopped'",),
    "a file's time limits are out of order": ("UPDATE files SET safe_limit = '2028-01-01'",),
    "a file is held and nothing holds it": ("UPDATE files SET held = true",),
    "something holds a file that is not held": ("UPDATE files SET held = false",),
    "a file was opened neither on a notice nor on a decision": ("UPDATE files SET notice_id = NULL, decision_id = NULL",),
}


@pytest.fixture
async def sound(database):
    """A draft on a notice, two on a referral, and a draft that a changed mark holds."""
    held = an_overdue_notice()
    await deliver(database, SERVICE, an_overdue_notice(), an_agreement(), held, a_changed_mark(held))


async def test_sound_files_are_in_no_state_that_must_never_exist(database, sound):
    assert await broken_states(database, SERVICE) == set()


@pytest.mark.parametrize("state", [each.state for each in INVARIANTS])
async def test_a_planted_bad_state_is_named(database, sound, state):
    await plant(database, PLANTED[state])

    assert state in await broken_states(database, SERVICE)
