"""Statistics read totals by school and month, which are counted anew after whatever changes what they count."""

import random
from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from services.registers.law import NATIONAL
from services.registers.schools.domain.calendars import HALVES
from services.registers.statistics import use_cases
from services.registers.statistics.domain import classes, cohort
from services.registers.statistics.use_cases import bring_up_to_date, count_totals
from shared import clock
from tests.registers.files import a_csv, imported
from tests.registers.given import TERMS, A, B, a_calendar, a_pupil, a_register, a_school, scalar, upn
from tests.support import statements

PERIOD = "from=2026-09-01&to=2026-11-30"


async def figures(api, query=f"urn={A}&{PERIOD}"):
    answer = await api.as_("manager").get(f"/v1/statistics?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def total(api, query=f"urn={A}&{PERIOD}"):
    found = (await figures(api, query))["total"]
    return found["enrolments"], found["attended"], found["authorised"], found["unauthorised"]


@pytest.fixture
async def school(api):
    await a_school(api)
    await a_calendar(api)
    await a_pupil(api, 1)
    await a_register(api, (1, "/"), day="2026-09-10")
    assert await total(api) == (1, 1, 0, 0)


@pytest.mark.parametrize("scope", [f"urn={A}", "la=881"])
@pytest.mark.parametrize("first", ["1900-01-01", "2015-08-31"])
async def test_a_period_before_the_first_dated_number_is_refused(api, school, scope, first):
    last = date.fromisoformat(first) + timedelta(days=7)

    answer = await api.as_("manager").get(f"/v1/statistics?{scope}&from={first}&to={last}")

    assert (answer.status_code, answer.json()["detail"]) == (422, "There are figures from 2015-09-01 on.")


async def test_a_full_register_and_an_amended_mark_are_counted(api, school):
    await a_register(api, (1, "/"), (2, "/"), day="2026-09-10")
    await api.as_("school", schools=[A]).patch(
        f"/v1/schools/{A}/registers/2026-09-10/AM/marks/{upn(1)}",
        {"code": "O", "reason": "Wrong child", "amended_by": {"name": "Ann Head", "title": "Head"}},
    )

    assert await total(api) == (1, 0, 0, 1)


async def test_marks_that_a_roll_releases_are_counted(api, school):
    await a_register(api, (2, "O"), day="2026-09-11")
    assert await total(api) == (1, 1, 0, 0)

    await a_pupil(api, 2)

    assert await total(api) == (2, 1, 0, 1)


async def test_imported_marks_are_counted(api, database, school):
    await imported(api, database, a_csv(f"{upn(1)},2026-09-10,AM,O", f"{upn(1)},2026-10-01,AM,I"), query=f"?urn={A}")

    assert await total(api) == (1, 0, 1, 1)


async def test_another_calendar_changes_what_is_counted(api, school):
    await a_calendar(api, closures=[{"date": "2026-09-10"}])

    assert await total(api) == (0, 0, 0, 0)


async def test_a_first_calendar_changes_what_is_counted(api):
    await a_school(api)
    await a_pupil(api, 1)
    await a_register(api, (1, "O"), day="2026-09-12")
    assert await total(api) == (1, 0, 0, 1)

    await a_calendar(api)

    assert await total(api) == (0, 0, 0, 0)


async def test_a_corrected_date_of_birth_changes_who_is_counted(api, school):
    await a_pupil(api, 1, date_of_birth="2008-03-03")

    assert await total(api) == (0, 0, 0, 0)


async def test_a_pupil_whom_a_school_only_claims_is_counted_once_an_officer_confirms(api, school):
    await a_school(api, B)
    await a_pupil(api, 1, B, surname="Elsewhere")
    await a_register(api, (1, "O"), urn=B, day="2026-09-11")
    there = f"urn={B}&{PERIOD}"
    assert await total(api, there) == (0, 0, 0, 0)

    officer = api.as_("aco", name="Ann Officer")
    (difference,) = (await officer.get("/v1/pupil-differences")).json()["items"]
    path, answers = f"/v1/pupil-differences/{difference['id']}", []
    for same in (True, False):
        body = {"counts": A, "claims": [{"urn": B, "same_child": same}], "reason": "The file was seen."}
        answers.append((await officer.post(path, body)).status_code)
        assert await total(api, there) == ((1, 0, 0, 1) if same else (0, 0, 0, 0))

    assert answers == [200, 200]
    assert await total(api) == (1, 1, 0, 0)


@pytest.mark.parametrize("asker", ["manager", "school"])
async def test_pupils_are_counted_by_the_date_of_birth_that_officers_decided_on(api, school, asker):
    await a_school(api, B)
    await a_pupil(api, 2, B, date_of_birth="2008-03-03")
    await a_register(api, (2, "O"), urn=B, day="2026-09-11")
    there = f"urn={B}&{PERIOD}"
    assert await total(api, there) == (0, 0, 0, 0)
    officer = api.as_("aco", name="Ann Officer")

    wrong = {"upn": upn(2), "reason": "The certificate was seen."}
    merger = await officer.post("/v1/pupil-mergers", {"upns": [upn(1), upn(2)], "reason": "One file.", "wrong_birth_date": wrong})
    assert merger.status_code == 201, merger.text
    counted = (await api.as_(asker, schools=[B]).get(f"/v1/statistics?{there}")).json()["total"]
    undone = await officer.post(f"/v1/pupil-mergers/{merger.json()['id']}/undo", {"reason": "They are two."})

    assert (counted["enrolments"], counted["unauthorised"], undone.status_code) == (1, 1, 200)
    assert await total(api, there) == (0, 0, 0, 0)


async def test_a_pupil_who_has_left_is_counted_until_then(api, school):
    await a_register(api, (1, "O"), day="2026-10-01")
    assert await total(api) == (1, 1, 0, 1)

    await a_pupil(api, 1, left_on="2026-09-30")

    assert await total(api) == (1, 1, 0, 0)


async def test_a_register_that_is_committed_while_its_month_is_counted_is_counted_next(api, database, school):
    await a_register(api, (1, "I"), day="2026-09-14")
    async with database.begin() as tx:
        await bring_up_to_date(tx, [A], date(2026, 9, 1), date(2026, 9, 30))
        await a_register(api, (1, "O"), day="2026-09-11")

    assert await total(api) == (1, 1, 1, 1)


async def test_a_register_that_is_open_while_its_month_is_counted_is_counted_next(api, database, school):
    async with database.begin() as tx:
        await tx.execute(text("UPDATE schools SET revision = revision + 1 WHERE urn = :urn"), {"urn": A})
        await tx.execute(
            text("""
                WITH written AS (
                    INSERT INTO receipts (urn, revision, date, session, source, caller)
                    SELECT urn, revision, '2026-09-11', 'AM', 'register', 'test' FROM schools WHERE urn = :urn RETURNING *
                )
                INSERT INTO marks (pupil_id, date, urn, revision, session, code)
                SELECT pupil_id, date, urn, revision, session, 'O' FROM written JOIN roll_spells USING (urn)
            """),
            {"urn": A},
        )
        assert await total(api) == (1, 1, 0, 0)

    assert await total(api) == (1, 1, 0, 1)


@pytest.fixture
async def authority(api):
    """Three months of marks at two schools."""
    for urn in (A, B):
        await a_school(api, urn)
        await a_pupil(api, 1, urn)
        for day in ("2026-09-10", "2026-10-01", "2026-11-05"):
            await a_register(api, (1, "O"), urn=urn, day=day)


async def test_a_request_counts_a_limited_number_of_months_and_shows_how_many_schools_wait(api, authority, monkeypatch):
    monkeypatch.setattr(use_cases, "MONTHS_AT_ONCE", 2)

    answers = [await figures(api, f"la=881&{PERIOD}") for _ in range(4)]

    assert [(each["schools_waiting"], each["total"]["unauthorised"]) for each in answers] == [(2, 2), (1, 4), (0, 6), (0, 6)]
    assert (await figures(api))["schools_waiting"] == 0


async def test_figures_of_an_authority_read_no_marks_once_these_are_counted(api, database, authority, monkeypatch):
    monkeypatch.setattr(use_cases, "SCHOOLS_AT_ONCE", 1)
    await figures(api, f"la=881&{PERIOD}")

    with statements(database) as asked:
        for by in ("code", "week", "school"):
            found = await figures(api, f"la=881&{PERIOD}&by={by}")
            assert found["total"]["unauthorised"] == 6

    adding_up = [values for statement, values in asked if "unnest(stored.days" in statement]
    assert not [statement for statement, _ in asked if "FROM marks" in statement]
    assert [sum(urn in (A, B) for value in values if isinstance(value, list) for urn in value) for values in adding_up] == [1] * 6


async def test_the_worker_counts_a_school_from_which_nothing_has_come_for_a_while(api, database, authority, monkeypatch):
    assert await count_totals(database) == 0
    monkeypatch.setattr(use_cases, "QUIET", timedelta(seconds=-60))
    bring = use_cases.bring_up_to_date

    async def fail_for_one_school(tx, urns, first, last):
        if urns == [A]:
            raise ZeroDivisionError
        return await bring(tx, urns, first, last)

    with monkeypatch.context() as patched:
        patched.setattr(use_cases, "bring_up_to_date", fail_for_one_school)
        assert await count_totals(database) == 1
    assert await scalar(database, "SELECT count(*) FROM monthly_totals WHERE NOT stale") == 3
    assert await scalar(database, "SELECT job || ' ' || key FROM failed_work") == f"totals of months {A}"
    assert await count_totals(database) == 0
    await scalar(database, "UPDATE failed_work SET next_attempt_at = now() RETURNING key")
    assert await count_totals(database) == 1
    assert await count_totals(database) == 0
    assert await scalar(database, "SELECT count(*) FROM monthly_totals WHERE NOT stale") == 6
    assert await scalar(database, "SELECT count(*) FROM failed_work") == 0


async def recount(database, urn, first, last):
    """Return sessions by code, and enrolments and persistent absentees, counted mark by mark."""
    async with database.begin() as tx:
        marks = (
            await tx.execute(
                text("SELECT * FROM marks WHERE urn = :urn AND date BETWEEN :first AND :last"), {"urn": urn, "first": first, "last": last}
            )
        ).all()
        spells = (await tx.execute(text("SELECT pupil_id, admitted_on, left_on FROM roll_spells WHERE urn = :urn"), {"urn": urn})).all()
        waiting = text("SELECT pupil_id FROM pupils_at_schools WHERE urn = :urn AND claim = 'waiting'")
        claimed = set((await tx.execute(waiting, {"urn": urn})).scalars())
        births = dict((await tx.execute(text("SELECT id, date_of_birth FROM pupils"))).all())
        closed = {
            date.fromisoformat(each["date"])
            for closures in (await tx.execute(text("SELECT closures FROM calendars WHERE urn = :urn"), {"urn": urn})).scalars()
            for each in closures
        }
    codes: Counter[str] = Counter()
    possible: Counter[UUID] = Counter()
    absent: Counter[UUID] = Counter()
    for mark in marks:
        born_first, born_last = cohort(mark.date, NATIONAL)
        in_term = any(date.fromisoformat(term["start"]) <= mark.date <= date.fromisoformat(term["end"]) for term in TERMS)
        held = mark.date.weekday() < 5 and mark.date not in closed and in_term
        on_roll = any(pupil == mark.pupil_id and begins <= mark.date <= (ends or date.max) for pupil, begins, ends in spells)
        if held and on_roll and mark.pupil_id not in claimed and born_first <= births[mark.pupil_id] <= born_last:
            codes[mark.code] += 1
            possible[mark.pupil_id] += classes()[mark.code] != "not-possible"
            absent[mark.pupil_id] += classes()[mark.code] in {"authorised", "unauthorised"}
    enrolments = [pupil for pupil, count in possible.items() if count]
    return codes, len(enrolments), sum(10 * absent[pupil] >= possible[pupil] for pupil in enrolments)


@pytest.mark.parametrize("seed", range(6))
async def test_totals_are_what_a_recount_gives_after_whatever_has_happened(api, database, seed):
    chance = random.Random(seed)
    days = [day for number in range(75) if (day := date(2026, 9, 1) + timedelta(days=number)) <= clock.today()]
    for urn in (A, B):
        await a_school(api, urn)
        await a_calendar(api, urn)

    async def send_register():
        sent = [(number, chance.choice("/OILDXNG")) for number in range(1, 6) if chance.random() < 0.8]
        await a_register(api, *sent, urn=chance.choice((A, B)), day=str(chance.choice(days)), session=chance.choice(HALVES))

    async def send_pupil():
        left = str(chance.choice(days)) if chance.random() < 0.3 else None
        born = chance.choice(("2014-03-03", "2014-03-03", "2008-01-01"))
        await a_pupil(api, chance.randint(1, 5), chance.choice((A, B)), date_of_birth=born, left_on=left)

    async def send_calendar():
        closures = [{"date": str(day)} for day in days if day.weekday() < 5 and chance.random() < 0.1 and in_term(day)]
        await a_calendar(api, chance.choice((A, B)), closures=closures)

    async def import_marks():
        lines = [f"{upn(chance.randint(1, 5))},{chance.choice(days)},{chance.choice(HALVES)},{chance.choice('OIL')}" for _ in range(5)]
        await imported(api, database, a_csv(*lines), query=f"?urn={chance.choice((A, B))}")

    async def ask():
        await figures(api, chance.choice((f"urn={A}", "la=881")) + f"&{PERIOD}")

    for _ in range(40):
        await chance.choice((send_register, send_register, send_register, send_pupil, send_calendar, import_marks, ask))()

    first, last = date(2026, 9, 1) + timedelta(days=chance.randint(0, 20)), date(2026, 11, 30) - timedelta(days=chance.randint(0, 40))
    for urn in (A, B):
        found = await figures(api, f"urn={urn}&from={first}&to={last}")
        codes, enrolments, persistent = await recount(database, urn, first, last)
        assert {each["code"]: each["sessions"] for each in found["items"]} == codes
        assert (found["total"]["enrolments"], found["total"]["persistently_absent"]) == (enrolments, persistent)


def in_term(day):
    return any(term["start"] <= str(day) <= term["end"] for term in TERMS)
