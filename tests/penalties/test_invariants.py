"""Each state of penalties that must never exist is found when it is planted, and none in sound cases."""

import pytest
from sqlalchemy import text

from services.penalties.app import SERVICE
from services.penalties.case_file.use_cases.matters import judge_matters
from services.penalties.invariants import INVARIANTS
from shared.database import Database
from tests.penalties.paying import Provider, a_case, a_charge, a_notice, begin
from tests.support import ApiClient
from tests.support.invariants import broken_states, plant

PLANTED = {
    "a parent was issued a counted notice too many": (
        "UPDATE penalty_notices SET parent_id = (SELECT parent_id FROM penalty_notices LIMIT 1), pupil_id = (SELECT pupil_id FROM penalty_notices LIMIT 1)",
    ),
    "a notice is overdue while a payment of it is open": (
        "UPDATE penalty_notices SET status = 'overdue' WHERE id = (SELECT notice_id FROM payments)",
    ),
    "a notice is served or overdue and has no proof or no dates": ("UPDATE penalty_notices SET proof_id = NULL",),
    "the dates of a notice are out of order": ("UPDATE penalty_notices SET early_deadline = '2027-01-01'",),
    "a notice is paid without money": ("UPDATE penalty_notices SET status = 'paid'",),
    "a notice is withdrawn and nobody is named": ("UPDATE penalty_notices SET status = 'withdrawn'",),
    "a notice rests on an answer of the authority that does not agree": ("UPDATE agreements SET agreed = false",),
    "a charge rests on a notice that was paid in full before it": (
        "UPDATE penalty_notices SET status = 'paid', paid_pence = 8000, paid_on = '2026-12-01' WHERE id = ANY (SELECT notice_ids[1] FROM court_files)",
    ),
    "a notice is held and nothing holds it": ("UPDATE penalty_notices SET held = true",),
    "a case is closed while a notice of it can be paid": (
        "UPDATE cases SET status = 'closed', closed_on = '2026-12-01', outcome = 'no-action'",
    ),
    "a case is closed without a day or an outcome": ("UPDATE cases SET status = 'closed'",),
    "a court file is open and the parent's matter is not at its prosecution": ("UPDATE matters SET stage = 'penalty-notice'",),
    "a penalty notice is neither paid nor withdrawn and the parent's matter has not come as far, or has ended": (
        "UPDATE matters SET stage = 'ended', outcome = 'no-action', ended_on = '2026-12-01'",
    ),
    "a matter is at its penalty notice and there is none to be paid": (
        "UPDATE penalty_notices SET status = 'withdrawn', withdrawn_on = '2026-12-01', withdrawn_by = 'A', withdrawal_ground = 'wrong-person'",
    ),
    "a matter is at its prosecution and no court file is open": ("UPDATE court_files SET status = 'withdrawn'",),
    "a matter has ended without an outcome or a day, or has an outcome and goes on": ("UPDATE matters SET outcome = 'paid'",),
    "a case is closed while a matter of it goes on": (
        "UPDATE cases SET status = 'closed', closed_on = '2026-12-01', outcome = 'no-action'",
    ),
    "a case is open and every matter of it has ended": (
        "UPDATE matters SET stage = 'ended', outcome = 'no-action', ended_on = '2026-12-01'",
    ),
    "one person has two matters in one case": (
        """INSERT INTO pupil_parents (pupil_id, parent_id, urn, open_match, formerly)
           SELECT pupil_id, (array_agg(matter.parent_id))[1], 100401, false, (array_agg(matter.parent_id))[2:]
           FROM matters AS matter JOIN cases ON cases.id = matter.case_id GROUP BY pupil_id""",
    ),
    "a payment succeeded and counts on no day": ("UPDATE payments SET state = 'success'",),
    "a Notice to Improve has ended and nobody is named": (
        """INSERT INTO improvement_notices (id, case_id, pupil_id, parent_id, urn, la_code, status, issued_by, issued_by_role, sessions, findings,
           issued_on, issued_at, calendar_urn, support_offered, support_available, expected_improvement, contact, planned_served_on,
           planned_starts_on, planned_ends_on)
           SELECT id, id, pupil_id, run_id, urn, la_code, 'failed', 'A', 'school', '[]', '[]', '2026-09-21', now(), urn, '', '', '', '{}',
                  '2026-09-21', '2026-09-21', '2026-09-21' FROM cases LIMIT 1""",
    ),
    "a case is of a run that belongs to another case": (
        "INSERT INTO runs (id, pupil_id, revision) SELECT run_id, pupil_id, 1 FROM cases LIMIT 1",
    ),
    "a file of the support log is not all there": (
        """INSERT INTO support_entries (id, pupil_id, urn, la_code, version, made_on, written_for)
           SELECT id, pupil_id, urn, la_code, 1, '2026-09-21', 'school' FROM cases LIMIT 1""",
        """INSERT INTO support_attachments SELECT id, 1, 1, 'x', 'application/pdf', 'x', 'x', 'x', 2, '', now() FROM support_entries""",
        "INSERT INTO support_pieces SELECT id, 1, 0, 'x' FROM support_entries",
    ),
}


@pytest.fixture
async def sound(database: Database, api: ApiClient, provider: Provider) -> None:
    """Three served notices of three pupils: one with an open payment, one with a charge."""
    first, second, _ = [await a_notice(database, await a_case(database)) for _ in range(3)]
    await begin(api, first)
    await a_charge(database, second)
    async with database.begin() as tx:
        for case_id in (await tx.execute(text("SELECT id FROM cases ORDER BY id"))).scalars().all():
            await judge_matters(tx, case_id)


async def test_sound_cases_are_in_no_state_that_must_never_exist(database: Database, sound: None) -> None:
    assert await broken_states(database, SERVICE) == set()


@pytest.mark.parametrize("state", [each.state for each in INVARIANTS])
async def test_a_planted_bad_state_is_named(database: Database, sound: None, state: str) -> None:
    await plant(database, PLANTED[state])

    assert state in await broken_states(database, SERVICE)
