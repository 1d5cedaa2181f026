"""A school's roll with parents whom another school named before: each costs the same, however many there are."""

from datetime import date
from functools import partial

import pytest
from sqlalchemy import event, insert, text

from services.registers.marks.domain.rolls import Spell
from services.registers.pupils.domain.parents import ContactDetails, ParentLink
from services.registers.pupils.domain.pupils import NamedPupil, PupilAtSchool, SentPupil
from services.registers.pupils.domain.upn import check_letter
from services.registers.pupils.use_cases.pupils import put_roll
from services.registers.tables.schools import schools
from tests.registers.given import A, B

_READ = text("SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables")

# Rows that other tests deleted would still count as pages.
_AS_IF_NOTHING_WAS_DELETED = text("""
    SELECT pg_restore_relation_stats(
        'schemaname', 'public', 'relname', CAST(relname AS text), 'relpages', 1, 'reltuples', CAST(greatest(reltuples, 0) AS real)
    )
    FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace = CAST('public' AS regnamespace)
""")

_MATCHES = text("SELECT count(DISTINCT match.id) FROM parent_matches AS match JOIN contacts ON parent_id IN (one, other) WHERE urn = :urn")


def a_roll(urn, count, surname="Name"):
    """Two parents of each pupil, with names that seven children's parents have, and a postcode that one of seven has."""
    sent = []
    for number in range(count):
        links = [ParentLink(f"{urn}-{number}-{which}", "parent", True, None) for which in (1, 2)]
        contacts = tuple(
            (link.ref, ContactDetails(f"Pat{which}", f"{surname}{number // 7}", ("1 Way", f"CM{number % 7} 1AA"), None, None))
            for which, link in enumerate(links)
        )
        body = f"8814{number:08d}"
        at_school = PupilAtSchool("Test", "Pupil", date(2014, 3, 3), None, (Spell(urn, date(2025, 9, 1), None),), tuple(links))
        sent.append(NamedPupil(check_letter(body) + body, SentPupil(at_school, date(2025, 9, 1), contacts)))
    return sent


async def given_schools(tx, *urns):
    common = {"la_code": "881", "establishment_number": "1", "phase": "primary", "stored_by": "test"}
    await tx.execute(insert(schools), [{"urn": urn, "name": str(urn), **common} for urn in urns])


async def given_statistics_of_small_schools(tx):
    """Let the planner believe that a school's roll is three pupils long."""
    urns = range(700_000, 700_020)
    await given_schools(tx, *urns)
    for urn in urns:
        await put_roll(tx, urn, a_roll(urn, 3, "Other"), "test")
    await tx.execute(text("ANALYZE"))


async def given_statistics_of_one_among_dead_rows(tx, make):
    """Let the planner believe that the tables hold one row on many pages, as after a term's many corrections."""
    async with tx.begin_nested() as nested:
        await put_roll(tx, A, make(A, 3_000), "test")
        await nested.rollback()
    await put_roll(tx, A, make(A, 1), "test")
    await tx.execute(text("ANALYZE"))


async def rows_read(tx, count):
    """Return how many rows are read when a second school sends so many pupils with the parents whom the first one named."""
    await put_roll(tx, A, a_roll(A, count), "test")
    before = (await tx.execute(_READ)).scalar_one()
    await put_roll(tx, B, a_roll(B, count), "test")
    read = (await tx.execute(_READ)).scalar_one() - before
    assert (await tx.execute(_MATCHES, {"urn": A})).scalar_one() == 2 * count
    return read


@pytest.mark.parametrize("count", [28, 224])
@pytest.mark.parametrize("statistics", ["none", "of-many-small-schools", "of-one-among-dead-rows"])
async def test_the_rows_read_grow_with_the_pupils_and_no_faster(tx, statistics, count):
    await given_schools(tx, A, B)
    if statistics == "of-many-small-schools":
        await given_statistics_of_small_schools(tx)
    if statistics == "of-one-among-dead-rows":
        await given_statistics_of_one_among_dead_rows(tx, a_roll)

    # Ten thousand besides, since the planner may read a small table as a whole.
    assert await rows_read(tx, count) < 200 * count + 10_000


async def test_candidates_are_proposed_in_one_statement(tx):
    statements = []

    @event.listens_for(tx.sync_connection, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_):
        statements.append(statement)

    await given_schools(tx, A, B)

    await rows_read(tx, 14)

    assert sum("INSERT INTO parent_matches" in each for each in statements) == 1


def a_roll_of_namesakes(urn, count, shared):
    """A parent of each pupil, all of one name; `shared`: what they have in common besides."""
    sent = []
    for number in range(count):
        own = {"postcode": f"CM{number} 1AA", "email": f"pat{number}@example.org", "phone": f"07700{number:06d}"}
        own |= {"postcode": "CM1 1AA", "email": "none@example.org", "phone": "07700 900000"} if shared else {}
        link = ParentLink(f"{urn}-{number}", "parent", True, None)
        details = ContactDetails("Pat", "Name", ("1 Way", own["postcode"]), own["email"], own["phone"])
        body = f"8814{number:08d}"
        at_school = PupilAtSchool("Test", "Pupil", date(2014, 3, 3), None, (Spell(urn, date(2025, 9, 1), None),), (link,))
        sent.append(NamedPupil(check_letter(body) + body, SentPupil(at_school, date(2025, 9, 1), ((link.ref, details),))))
    return sent


@pytest.mark.parametrize(
    ("statistics", "shared", "count"),
    [
        ("none", False, 1_000),
        ("of-many-small-schools", True, 300),
        ("of-one-parent", False, 1_000),
        ("of-one-among-dead-rows", False, 1_000),
    ],
)
async def test_the_rows_read_for_thousands_of_namesakes_grow_with_them_and_no_faster(tx, statistics, shared, count):
    if statistics == "of-many-small-schools":
        await given_statistics_of_small_schools(tx)
    await given_schools(tx, A, B)
    if statistics == "of-one-parent":
        await put_roll(tx, A, a_roll_of_namesakes(A, 1, shared), "test")
        await tx.execute(text("ANALYZE"))
        await tx.execute(_AS_IF_NOTHING_WAS_DELETED)
    if statistics == "of-one-among-dead-rows":
        await given_statistics_of_one_among_dead_rows(tx, partial(a_roll_of_namesakes, shared=shared))

    for urn in (A, B):
        before = (await tx.execute(_READ)).scalar_one()
        await put_roll(tx, urn, a_roll_of_namesakes(urn, count, shared), "test")
        assert (await tx.execute(_READ)).scalar_one() - before < 500 * count

    assert (await tx.execute(_MATCHES, {"urn": A})).scalar_one() >= count
