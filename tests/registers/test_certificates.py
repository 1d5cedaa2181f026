"""The data of attendance certificates: the counting, and what is certified as at an instant (Education Act 1996 s.566)."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from services.registers.certificates.domain import Entry, category, percentage, tally, unauthorised
from shared.attendance.register_codes import all_codes
from tests.registers.given import A, B, a_calendar, a_pupil, a_register, a_school, upn

NOON = datetime(2026, 9, 10, 12, tzinfo=UTC)
PATH = f"/v1/pupils/{upn(1)}/certificate"


def entry(code, day="2026-09-10", half="AM", *, flagged=False):
    return Entry(date.fromisoformat(day), half, code, 1, NOON, flagged)


CASES = [
    # codes, day: possible, attended, authorised, unauthorised, not possible
    ("/ \\ L K V P W B", "2026-09-10", (8, 8, 0, 0, 0)),
    ("C C1 C2 E I J1 M R S T", "2026-09-10", (10, 0, 10, 0, 0)),
    ("G N O U", "2026-09-10", (4, 0, 0, 4, 0)),
    ("D Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7", "2026-09-10", (0, 0, 0, 0, 10)),
    ("- # Z", "2026-09-10", (0, 0, 0, 0, 0)),
    ("J1 K", "2024-08-19", (2, 1, 1, 0, 0)),
    ("J H Y", "2024-08-19", (0, 0, 0, 0, 0)),  # retired the day before
    ("J H Y", "2024-08-18", (2, 1, 1, 0, 1)),
    ("F", "2013-08-31", (1, 0, 1, 0, 0)),
    ("F", "2013-09-01", (0, 0, 0, 0, 0)),
    ("/ L U O I D", "2026-09-10", (5, 2, 1, 2, 1)),
]


@pytest.mark.parametrize(("codes", "day", "want"), CASES)
def test_sessions_are_counted_by_the_class_of_their_code_on_their_day(codes, day, want):
    counted = tally(entry(code, day) for code in codes.split())

    assert (counted.possible, counted.attended, counted.authorised, counted.unauthorised, counted.not_possible) == want


def test_every_code_of_every_time_has_the_class_of_its_table():
    for each in all_codes():
        assert category(each.code, each.since) == each.category
        assert each.until is None or category(each.code, each.until) == each.category


def test_a_flagged_mark_is_counted_nowhere():
    marks = [entry("O"), entry("O", half="PM", flagged=True)]

    assert (tally(marks).possible, tally(marks).unauthorised, len(unauthorised(marks))) == (1, 1, 1)


def test_sessions_without_authority_are_in_order():
    marks = [entry("O", "2026-09-11"), entry("U", half="PM"), entry("I"), entry("G", half="AM")]

    assert [(each.code, each.session) for each in unauthorised(marks)] == [("G", "AM"), ("U", "PM"), ("O", "AM")]


@pytest.mark.parametrize(
    ("part", "whole", "want"), [(0, 0, None), (1, 3, "33.33"), (1, 800, "0.13"), (379, 380, "99.74"), (7, 7, "100.00")]
)
def test_percentages_have_two_places_and_round_halves_up(part, whole, want):
    assert (want is None and percentage(part, whole) is None) or str(percentage(part, whole)) == want


async def ask(api, query="", role="school", schools=(A,), **more):
    answer = await api.as_(role, schools=schools, **more).get(f"{PATH}?urn={A}&from=2026-09-01&to=2026-09-30{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def pupil(api):
    await a_school(api)
    await a_calendar(api)
    return await a_pupil(api)


async def test_a_certificate_counts_and_names_each_session_missed_without_authority(api, pupil):
    for day, code in {"2026-09-07": "/", "2026-09-08": "O", "2026-09-09": "I", "2026-09-10": "D", "2026-09-12": "O"}.items():
        await a_register(api, (1, code), day=day)

    found = await ask(api)

    assert [found[name] for name in ("possible", "attended", "authorised", "unauthorised", "not_possible")] == [3, 1, 1, 1, 1]
    assert found["percentages"] == {"attended": 33.33, "authorised": 33.33, "unauthorised": 33.33}
    assert [(each["date"], each["session"], each["code"], each["version"]) for each in found["unauthorised_sessions"]] == [
        ("2026-09-08", "AM", "O", 1)
    ]
    assert [(each["date"], each["code"], each["category"]) for each in found["flagged"]] == [
        ("2026-09-12", "O", "unauthorised")
    ]  # a Saturday
    assert found["codes"] == {"/": 1, "D": 1, "I": 1, "O": 1}
    assert found["rolls"] == [{"admitted_on": "2025-09-01", "left_on": None}]
    assert (found["pupil_id"], found["compulsory_from"], found["from"]) == (pupil["id"], "2019-03-31", "2026-09-01")
    assert found["unmarked"] == 2 * 21 - 4  # 2 to 30 September


async def test_a_mark_is_certified_as_it_stood_at_the_instant(api, pupil, database):
    await a_register(api, (1, "O"))
    await a_register(api, (1, "I"))
    await a_register(api, (1, "U"))
    async with database.begin() as tx:
        first, second, third = (await tx.execute(text("SELECT received_at FROM receipts ORDER BY revision"))).scalars()

    async def stood(instant):
        found = await ask(api, f"&as_at={instant.isoformat().replace('+', '%2B')}")
        return [(each["code"], each["version"]) for each in found["unauthorised_sessions"]], found["authorised"], found["possible"]

    assert await stood(first - (second - first)) == ([], 0, 0)
    assert await stood(first) == ([("O", 1)], 0, 1)
    assert await stood(second) == ([], 1, 1)
    assert await stood(third) == ([("U", 3)], 0, 1)
    assert [each["version"] for each in (await ask(api))["unauthorised_sessions"]] == [3]


async def test_marks_before_admission_and_of_another_school_are_not_certified(api, pupil):
    await a_school(api, B)
    await a_pupil(api, urn=B, admitted_on="2026-09-08")
    await a_register(api, (1, "O"), urn=B, day="2026-09-08")
    await a_register(api, (1, "O"), day="2026-09-07")
    await a_pupil(api, admitted_on="2026-09-08")

    found = await ask(api)

    assert (found["possible"], [each["date"] for each in found["flagged"]]) == (0, ["2026-09-07"])


async def test_a_certificate_without_a_calendar_does_not_count_missing_marks(api):
    await a_school(api)
    await a_pupil(api)
    await a_register(api, (1, "O"))

    found = await ask(api)

    assert (found["unauthorised"], found["unmarked"]) == (1, None)


@pytest.mark.parametrize(
    ("role", "more", "status"),
    [
        ("school", {"schools": [A]}, 200),
        ("mis", {"schools": [A]}, 200),
        ("aco", {}, 200),
        ("service", {}, 200),
        ("aco", {"la_code": "935"}, 403),
        ("school", {"schools": [B]}, 403),
        ("operations", {}, 403),
    ],
)
async def test_a_certificate_is_read_by_whoever_may_read_the_marks(api, pupil, role, more, status):
    assert (await api.as_(role, **more).get(f"{PATH}?urn={A}&from=2026-09-01&to=2026-09-30")).status_code == status


async def test_a_school_certifies_its_own_registers_alone(api, pupil):
    await a_school(api, B)

    answer = await api.as_("school", schools=[A]).get(f"{PATH}?urn={B}&from=2026-09-01&to=2026-09-30")

    assert answer.status_code == 403


async def test_a_school_certifies_the_registers_of_one_that_it_continues_and_not_the_other_way(api, pupil):
    await a_school(api, B)
    await a_register(api, (1, "O"), day="2026-09-08")
    period = "from=2026-09-01&to=2026-09-30"
    successor = api.as_("school", schools=[B])
    before = await successor.get(f"{PATH}?urn={A}&{period}")

    assert (await api.as_("manager").put(f"/v1/schools/{B}/predecessor", {"urn": A, "on": "2026-09-14"})).status_code == 201

    found = await ask(api, schools=(B,))
    assert (before.status_code, found["urn"], [each["date"] for each in found["unauthorised_sessions"]]) == (403, A, ["2026-09-08"])
    assert found == {**await ask(api), "as_at": found["as_at"]}
    assert (await api.as_("school", schools=[A]).get(f"{PATH}?urn={B}&{period}")).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"urn={A}&from=2026-09-02&to=2026-09-01", 422),
        (f"urn={A}&from=2010-09-02&to=2026-09-01", 422),
        ("from=2026-09-01&to=2026-09-30", 422),
        (f"urn={A}&from=2026-09-01&to=2026-09-30&as_at=0001-01-01T00:00:00", 422),
        (f"urn={B}&from=2026-09-01&to=2026-09-30", 404),
    ],
)
async def test_a_certificate_that_cannot_be_made_is_refused(api, pupil, query, status):
    assert (await api.as_("aco").get(f"{PATH}?{query}")).status_code == status
