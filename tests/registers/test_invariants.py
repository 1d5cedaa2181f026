"""Each state of registers that must never exist is found when it is planted, and none of sound registers."""

import pytest

from services.registers.app import SERVICE
from services.registers.invariants import INVARIANTS
from tests.registers.files import a_csv, an_import
from tests.registers.given import A, a_calendar, a_parent, a_pupil, a_register, a_school, upn
from tests.support.invariants import broken_states, plant

PLANTED = {
    "a mark awaits its reason and is not N": ("UPDATE marks SET code = 'O'",),
    "a reason was published as overdue before its last day was known": ("UPDATE unresolved_marks SET published_on = '2026-11-20'",),
    "a reason was published as overdue by its last day": (
        "UPDATE unresolved_marks SET due_on = '2026-11-19', published_on = '2026-11-19'",
    ),
    "a roll names a UPN that nobody has": ("UPDATE roll_spells SET upn = 'Z999999999999'",),
    "an import has ended and nobody can see when": ("UPDATE imports SET state = 'done'",),
    "an import failed and nobody can see why": ("UPDATE imports SET state = 'failed', ended_at = now()",),
    "an import has come further than its file goes": ("UPDATE imports SET position = 2, total = 1",),
    "leave is decided and nobody is named": ("UPDATE leave_requests SET state = 'refused', decided_at = now(), decided_on = '2026-11-01'",),
    "a request for leave was recorded by nobody": ("UPDATE leave_requests SET recorded_by = ''",),
    "a person is merged into themselves": ("UPDATE parents SET merged_into = id",),
}


@pytest.fixture
async def sound(api, database):
    """An N that awaits its reason, an import that waits, and a request for leave."""
    await a_school(api)
    await a_calendar(api)
    await a_pupil(api, parents=[a_parent()])
    await a_register(api, (1, "N"), day="2026-11-12")
    await an_import(api, a_csv(f"{upn(1)},2026-09-11,AM,O"), query=f"?urn={A}")
    await plant(
        database,
        [
            f"""INSERT INTO leave_requests (id, pupil_id, urn, parent_id, asked_on, starts_on, ends_on, reason, recorded_by, recorded_role)
                SELECT gen_random_uuid(), pupils.id, {A}, parents.id, '2026-10-01', '2026-12-01', '2026-12-02', 'A wedding.', 'S. School', 'school'
                FROM pupils, parents"""
        ],
    )


async def test_sound_registers_are_in_no_state_that_must_never_exist(database, sound):
    assert await broken_states(database, SERVICE) == set()


@pytest.mark.parametrize("state", [each.state for each in INVARIANTS])
async def test_a_planted_bad_state_is_named(database, sound, state):
    await plant(database, PLANTED[state])

    assert state in await broken_states(database, SERVICE)
