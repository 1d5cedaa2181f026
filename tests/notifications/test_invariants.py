"""Each state of letters that must never exist is found when it is planted, and none in sound letters."""

import pytest

from services.notifications.app import SERVICE
from services.notifications.invariants import INVARIANTS
from tests.notifications.examples import a_notice_issued, a_payment, a_penalty_notice, answers
from tests.notifications.test_letters import work
from tests.notifications.upstreams import PostOffice, Upstreams
from tests.support import deliver
from tests.support.invariants import broken_states, plant

PLANTED = {
    "a letter is served without a proof": ("DELETE FROM proofs",),
    "a letter is served without its dates": ("UPDATE letters SET posted_on = NULL",),
    "a letter was received before it was posted": ("UPDATE letters SET received_on = '2020-01-01'",),
    "a letter is made and there is no file of it": ("UPDATE letters SET pdf = NULL",),
    "a letter is sent and the printer has no id for it": ("UPDATE letters SET provider_id = NULL",),
    "a letter is to be made, posted or followed, and no job ever takes it up": ("UPDATE letters SET next_attempt_at = NULL",),
    "a letter failed and nobody can see why": ("UPDATE letters SET status = 'failed', last_error = NULL",),
    "a letter came back on no day": ("UPDATE letters SET status = 'returned'",),
    "a further letter does not say of which kind its notice is": ("UPDATE letters SET occasion = NULL",),
    "a notice is to be sent about which a court has decided": (
        "INSERT INTO court_files SELECT id, id, pupil_id, parent_id, ARRAY[about], 'concluded', '2027-01-01' FROM letters WHERE status = 'requested'",
    ),
}


@pytest.fixture
async def sound(database, upstreams: Upstreams, post_office: PostOffice):
    """A notice that was served, its receipt, and a notice that waits to be made."""
    served = a_notice_issued(kind="penalty-notice", reference="PN-7K3M-9QXD")
    upstreams.answers |= answers(served, a_penalty_notice())
    await deliver(database, SERVICE, served)
    await work(database)
    await deliver(database, SERVICE, a_payment(served), a_notice_issued())


async def test_sound_letters_are_in_no_state_that_must_never_exist(database, sound):
    assert await broken_states(database, SERVICE) == set()


@pytest.mark.parametrize("state", [each.state for each in INVARIANTS])
async def test_a_planted_bad_state_is_named(database, sound, state):
    await plant(database, PLANTED[state])

    assert state in await broken_states(database, SERVICE)
