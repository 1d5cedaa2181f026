"""States that must never exist are named by the doctor, counted in the figures, and looked for every hour."""

import tempfile
from pathlib import Path

import pytest
from sqlalchemy import MetaData, text

from shared.database import NAMING, platform_tables
from shared.invariants import SHARED, Invariant, check, check_and_store
from shared.service import Service
from tests.support import service_fixtures
from tests.support.invariants import broken_states, plant

metadata = MetaData(naming_convention=NAMING)
platform_tables(metadata)
FOLDER = Path(tempfile.mkdtemp(prefix="migrations-"))
(FOLDER / "0001_platform.py").write_text(
    "from alembic import op\n"
    "from tests.support.platform import create_platform\n"
    "revision, down_revision = '0001', None\n"
    "def upgrade():\n    create_platform()\n"
)
OWN = Invariant("an offset is negative", "SELECT consumer FROM consumer_offsets WHERE next_offset < 0")
SERVICE = Service("checked", "Checked", "Nothing but tables", metadata, FOLDER, [], invariants=[OWN])
database, tx, api = service_fixtures(SERVICE)

LETTER = "INSERT INTO dead_letters (consumer, event_id, topic, key, type, body, headers, error, resolved_at) VALUES ('c', gen_random_uuid(), 't', 'a', 'k', '', '{}'"
PLANTED = {
    "an event waits for more than an hour to be published": (
        """INSERT INTO outbox (event_id, topic, key, type, body, headers, occurred_at)
           VALUES (gen_random_uuid(), 't', 'a', 'k', '', '{}', now() - interval '2 hours')""",
    ),
    "a dead letter is resolved and nobody is named": (f"{LETTER}, 'ValueError', now())",),
    "an event waits behind a dead letter that there is not": (f"{LETTER}, NULL, NULL)",),
    "due work is parked and no dead letter shows it": ("INSERT INTO failed_work (job, key, attempts) VALUES ('overdue', 'a', 4)",),
    "an offset is negative": ("INSERT INTO consumer_offsets VALUES ('c', 't', 0, -1)",),
}


@pytest.fixture
async def sound(database):
    """A dead letter with one that waits behind it, and an event that is on its way."""
    event = "INSERT INTO outbox (event_id, topic, key, type, body, headers) VALUES (gen_random_uuid(), 't', 'a', 'k', '', '{}')"
    await plant(database, [LETTER.replace("'a'", "'b'") + ", 'ValueError', NULL)", LETTER.replace("'a'", "'b'") + ", NULL, NULL)", event])


async def test_a_sound_database_is_in_no_state_that_must_never_exist(database, sound):
    assert await broken_states(database, SERVICE) == set()


@pytest.mark.parametrize("state", [each.state for each in (*SHARED, OWN)])
async def test_a_planted_bad_state_of_every_service_is_named(database, sound, state):
    await plant(database, PLANTED[state])

    assert state in await broken_states(database, SERVICE)


async def test_a_broken_invariant_names_how_many_and_a_few_of_them(database):
    await plant(database, [f"INSERT INTO consumer_offsets VALUES ('c{number}', 't', 0, -1)" for number in range(7)])

    broken = await check(database, OWN)

    assert broken is not None
    assert (broken.state, broken.count, len(broken.examples), set(broken.examples) < {f"c{number}" for number in range(7)}) == (
        "an offset is negative", 7, 5, True,
    )  # fmt: skip


async def test_the_hourly_look_is_shown_in_the_figures_and_forgets_states_that_are_looked_for_no_more(database, api):
    await check_and_store(database, [Invariant("of an earlier version", "SELECT 1")])
    await plant(database, PLANTED["an offset is negative"])

    await SERVICE.every_job["invariants"](database)

    figures = (await api.get("/metrics")).text
    assert 'invariant_broken{service="checked",state="an offset is negative"} 1.0' in figures
    assert 'invariant_broken{service="checked",state="a dead letter is resolved and nobody is named"} 0.0' in figures
    assert 'invariant_checked_seconds{service="checked",state="an offset is negative"}' in figures
    assert "of an earlier version" not in figures


async def test_an_invariant_that_cannot_be_looked_for_fails_its_job_and_keeps_no_other_from_being_looked_for(database):
    unreadable = Invariant("unreadable", "SELECT nothing FROM nowhere")

    with pytest.raises(Exception, match="nowhere"):
        await check_and_store(database, [unreadable, OWN])

    async with database.begin() as tx:
        assert list((await tx.execute(text("SELECT state FROM invariant_checks"))).scalars()) == ["an offset is negative"]
