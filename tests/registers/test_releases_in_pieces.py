"""Many quarantined marks that a roll explains are released in pieces, between which others come in: each once, and the last word counts."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from services.registers.app import SERVICE
from services.registers.marks.repository import quarantine
from services.registers.marks.use_cases import release
from services.registers.marks.use_cases.release import release_in_pieces
from services.registers.pupils.schemas.pupils import RollIn
from services.registers.pupils.use_cases.pupils import put_roll
from tests.registers.files import a_csv, imported
from tests.registers.given import A, B, a_pupil, a_register, a_school, published, scalar, the_marks, upn
from tests.registers.test_roll import a_roll, a_row
from tests.support.services import bells

DAYS = [f"2026-09-{day:02d}" for day in range(7, 12)]
_WAITING = text("""
    INSERT INTO quarantine (urn, date, session, upn, code, reason, revision)
    SELECT :urn, CAST('2025-09-01' AS date) + number / 100, 'AM', :upn, 'O', 'unknown-upn', number FROM generate_series(1, :count) AS number
""")
_READ = text("SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname IN ('quarantine', 'upns', 'releases')")


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(release, "MARKS_AT_ONCE", 2)
    monkeypatch.setattr(release, "REGISTERS_AT_ONCE", 2)


async def given_waiting(api, *codes, numbers=(1,)):
    """Let marks of each day of a week wait for pupils of whom no roll is known; of several codes the last came last."""
    for day in DAYS:
        for code in codes:
            await a_register(api, *((number, code) for number in numbers), day=day)


async def all_released(database):
    """Let the worker do what is due; return how many pieces that took."""
    pieces = 0
    while await release_in_pieces(database):
        pieces += 1
    return pieces


async def waiting(database):
    return await scalar(database, "SELECT count(*) FROM quarantine WHERE released_at IS NULL")


async def progress(api):
    answer = await api.as_("mis", schools=[A]).get(f"/v1/schools/{A}/releases")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def codes_of(api, number=1):
    return [mark["code"] for mark in await the_marks(api, number)]


async def test_marks_beyond_the_bound_are_released_by_the_worker(api, database):
    await a_school(api)
    await given_waiting(api, "O", numbers=(1, 2))
    with bells(database, SERVICE) as rung:
        answer = await a_roll(api, a_row(1), a_row(2))
        assert release_in_pieces.name in rung()

    assert (answer["stored"], answer["released"], await waiting(database)) == (2, 0, 10)
    assert await progress(api) == {"pupils": 2, "marks": 10}
    assert await release_in_pieces(database) == 1
    assert await progress(api) == {"pupils": 2, "marks": 8}
    assert await all_released(database) == 4
    assert await progress(api) == {"pupils": 0, "marks": 0}
    assert await waiting(database) == 0
    assert [(str(event.date), len(event.marks)) for event in await published(database, "session-recorded")] == [(day, 2) for day in DAYS]
    assert await codes_of(api) == await codes_of(api, 2) == ["O"] * 5


async def test_a_few_marks_are_released_at_once(api, database, monkeypatch):
    monkeypatch.setattr(release, "MARKS_AT_ONCE", 5)
    monkeypatch.setattr(release, "REGISTERS_AT_ONCE", 5)
    await a_school(api)
    await given_waiting(api, "O")

    assert (await a_pupil(api))["released"] == 5
    assert await release_in_pieces(database) == 0


async def test_a_release_that_was_interrupted_goes_on_where_it_was(api, database, monkeypatch):
    await a_school(api)
    await given_waiting(api, "O", "I")
    await a_pupil(api)
    await release_in_pieces(database)
    set_position = quarantine.set_release_position

    async def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(quarantine, "set_release_position", killed)
    with pytest.raises(KeyboardInterrupt):
        await release_in_pieces(database)
    monkeypatch.setattr(quarantine, "set_release_position", set_position)
    await all_released(database)

    assert await waiting(database) == 0
    assert [(mark["code"], mark["version"]) for mark in await the_marks(api)] == [("I", 2)] * 5
    events = await published(database, "session-recorded")
    assert [(str(event.date), [mark.version for mark in event.marks]) for event in events] == [
        (day, [each]) for day in DAYS for each in (1, 2)
    ]


async def test_a_register_between_two_pieces_is_the_last_word(api, database):
    await a_school(api)
    await given_waiting(api, "O", "I")
    await a_pupil(api)
    await release_in_pieces(database)

    done = await a_register(api, (1, "I"), day=DAYS[0])
    changed = await a_register(api, (1, "O"), day=DAYS[0])
    ahead = await a_register(api, (1, "G"), day=DAYS[4])
    again = await a_register(api, (1, "G"), day=DAYS[4])
    await all_released(database)

    assert (done["unchanged"], changed["amended"], ahead["recorded"], again["unchanged"]) == (1, 1, 1, 1)
    assert await codes_of(api) == ["O", "I", "I", "I", "G"]


async def test_an_amendment_and_an_import_between_two_pieces_stay(api, database):
    await a_school(api)
    await given_waiting(api, "O", "I")
    await a_pupil(api)
    await release_in_pieces(database)

    amended = await api.as_("mis", schools=[A]).patch(
        f"/v1/schools/{A}/registers/{DAYS[0]}/AM/marks/{upn(1)}",
        {"code": "G", "reason": "A wrong key.", "amended_by": {"name": "K. Clerk", "title": "Clerk"}},
    )
    await imported(api, database, a_csv(f"{A},{upn(1)},{DAYS[3]},AM,L", titles="URN,UPN,Date,Session,Code"), role="mis", schools=[A])
    await all_released(database)

    assert amended.status_code == 200, amended.text
    assert await codes_of(api) == ["G", "I", "I", "L", "I"]


async def test_marks_that_the_roll_explains_no_longer_stay_in_quarantine_until_it_does(api, database):
    await a_school(api)
    await given_waiting(api, "O")
    await a_pupil(api)
    await release_in_pieces(database)

    await a_pupil(api, left_on=DAYS[2])
    await all_released(database)
    assert (await codes_of(api), await waiting(database)) == (["O"] * 3, 2)
    assert await progress(api) == {"pupils": 0, "marks": 0}

    await a_pupil(api)
    await all_released(database)
    assert (await codes_of(api), await waiting(database)) == (["O"] * 5, 0)


async def test_a_second_pupil_who_is_explained_meanwhile_is_released_from_the_first_day(api, database):
    await a_school(api)
    await given_waiting(api, "O", numbers=(1, 2))
    await a_pupil(api, 1)
    await release_in_pieces(database)
    await release_in_pieces(database)

    await a_pupil(api, 2)
    await all_released(database)

    assert await codes_of(api) == await codes_of(api, 2) == ["O"] * 5
    assert [len(event.marks) for event in await published(database, "session-recorded")].count(2) == 3


async def test_a_session_of_more_registers_than_one_piece_takes_is_released_with_the_last_of_each_pupil(api, database):
    await a_school(api)
    for number, codes in ((1, "OIGLC"), (2, "OI")):
        for code in codes:
            await a_register(api, (number, code), day=DAYS[0])

    await a_roll(api, a_row(1), a_row(2))
    await all_released(database)

    assert (await codes_of(api), await codes_of(api, 2)) == (["C"], ["I"])
    assert await all_released(database) == 0


async def test_schools_are_released_one_beside_the_other(api, database):
    for urn in (A, B):
        await a_school(api, urn)
        for day in DAYS:
            await a_register(api, (urn, "O"), urn=urn, day=day)
            await a_register(api, (1 if urn == A else 2, "O"), urn=urn, day=day)
    await a_pupil(api, 1)
    await a_pupil(api, 2, urn=B)

    await all_released(database)

    assert await codes_of(api) == await codes_of(api, 2) == ["O"] * 5
    assert await waiting(database) == 10


@pytest.mark.parametrize("explained", [True, False])
async def test_a_piece_reads_a_limited_number_of_marks(tx, monkeypatch, explained):
    monkeypatch.undo()
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-08-01")
    common = {"la_code": "881", "establishment_number": "1", "phase": "primary", "stored_by": "test"}
    await tx.execute(
        text(
            "INSERT INTO schools (urn, name, la_code, establishment_number, phase, stored_by) VALUES (:urn, 'A', :la_code, :establishment_number, :phase, :stored_by)"
        ),
        {"urn": A, **common},
    )
    await tx.execute(_WAITING, {"urn": A, "upn": upn(1), "count": 20_000})
    sent = a_row(1) if explained else a_row(1, left_on="2025-09-01")

    read = [(await tx.execute(_READ)).scalar_one()]
    await put_roll(tx, A, RollIn(pupils=[sent]).read(A), "test")
    read.append((await tx.execute(_READ)).scalar_one())
    for _ in range(3):
        assert await release._release_next(tx, [str(A)]) == 1
        read.append((await tx.execute(_READ)).scalar_one())

    assert max(later - before for before, later in pairwise(read)) <= 8 * release.MARKS_AT_ONCE
    first, last = date(2025, 9, 1), date(2025, 9, 1) + timedelta(200)
    assert (
        await tx.execute(text("SELECT count(*) FROM marks WHERE date BETWEEN :first AND :last"), {"first": first, "last": last})
    ).scalar_one() > 0
