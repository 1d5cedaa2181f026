"""An O shortly after an illness, at a school with a sickness rule: it is asked whether the child was turned away, and a named person answers."""

import asyncio
from datetime import date, timedelta

import pytest

from services.registers.schools.domain.schools import Policy
from services.registers.sickness.domain import MarkedSession, earliest_illness, illness_before, sickness_rule_on
from tests.registers.given import A, B, a_calendar, a_pupil, a_register, a_school, upn
from tests.registers.test_policies import put_policy

NOVEMBER = [date(2026, 11, 2) + timedelta(days) for days in range(26) if (date(2026, 11, 2) + timedelta(days)).weekday() < 5]
PATH = f"/v1/schools/{A}/sickness-questions?from=2026-11-01&to=2026-11-30"


def at(text):
    return MarkedSession(date.fromisoformat(text[:10]), text[10:])


@pytest.mark.parametrize(
    ("absent", "ill", "found"),
    [
        ("2026-11-09PM", ["2026-11-09AM"], "2026-11-09AM"),
        ("2026-11-10AM", ["2026-11-09PM"], "2026-11-09PM"),
        ("2026-11-11PM", ["2026-11-09AM"], "2026-11-09AM"),
        ("2026-11-12AM", ["2026-11-09PM"], None),
        ("2026-11-10AM", ["2026-11-06AM"], "2026-11-06AM"),
        ("2026-11-11AM", ["2026-11-06PM"], None),
        ("2026-11-09AM", ["2026-11-09PM"], None),
        ("2026-11-09AM", [], None),
        ("2026-11-12AM", ["2026-11-02AM", "2026-11-10AM", "2026-11-13AM"], "2026-11-10AM"),
    ],
)
def test_an_illness_is_asked_about_for_two_school_days_whatever_lies_between(absent, ill, found):
    assert illness_before(at(absent), map(at, ill), NOVEMBER, 2) == (at(found) if found else None)


def test_illnesses_are_looked_for_from_the_second_school_day_before_the_first_absence():
    assert earliest_illness([at("2026-11-10AM"), at("2026-11-20AM")], NOVEMBER, 2) == date(2026, 11, 6)
    assert earliest_illness([at("2026-11-02AM")], NOVEMBER, 2) == date(2026, 11, 2)
    assert earliest_illness([at("2026-11-02AM")], [], 2) == date(2026, 11, 2)


@pytest.mark.parametrize(("day", "hours"), [("2026-08-31", None), ("2026-09-01", 24), ("2026-11-30", 24), ("2026-12-01", None)])
def test_the_sickness_rule_of_a_day_is_that_of_the_policy_in_force(day, hours):
    policies = [Policy(date(2026, 12, 1), "C", "D", "W"), Policy(date(2026, 9, 1), "C", "D", "W", 24)]

    assert sickness_rule_on(policies, date.fromisoformat(day)) == hours


async def a_school_with_a_rule(api, since="2026-09-01", hours=48):
    await a_school(api)
    await a_calendar(api)
    await a_pupil(api)
    await put_policy(api, since, sickness_rule_hours=hours)


async def marked(api, **codes):
    """Send marks of November: d09AM="I"."""
    for when, code in codes.items():
        await a_register(api, (1, code), day=f"2026-11-{when[1:3]}", session=when[3:])


async def asked(api, path=PATH):
    answer = await api.as_("school", schools=[A]).get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def answered(api, day="2026-11-10", session="AM", turned_away=False, role="school", urn=A, name="Jo Head"):
    person = api.as_(role, schools=[urn] if role == "school" else (), name=name)
    path = f"/v1/schools/{A}/registers/{day}/{session}/marks/{upn(1)}/turned-away"
    return await person.post(path, {"turned_away": turned_away, "reason": "The mother rang at noon."})


async def amend(api, code, day="2026-11-10", session="AM"):
    path = f"/v1/schools/{A}/registers/{day}/{session}/marks/{upn(1)}"
    body = {"code": code, "reason": "The school sent the child home.", "amended_by": {"name": "Jo Head", "title": "Head"}}
    answer = await api.as_("school", schools=[A], name="Jo Head").patch(path, body)
    assert answer.status_code == 200, answer.text


async def test_an_absence_after_an_illness_is_on_the_school_s_list_where_it_has_a_rule(api):
    await a_school_with_a_rule(api)
    await marked(api, d09AM="I", d10AM="O", d11AM="/", d11PM="O", d12AM="O")

    items = await asked(api)

    assert [(each["date"], each["session"], each["ill_on"], each["rule_hours"]) for each in items] == [
        ("2026-11-10", "AM", "2026-11-09", 48), ("2026-11-11", "PM", "2026-11-09", 48)
    ]  # fmt: skip
    assert (items[0]["upn"], items[0]["answer"]) == (upn(1), None)


@pytest.mark.parametrize(("since", "count"), [("2026-11-10", 1), ("2026-11-11", 0)])
async def test_the_rule_asks_from_the_first_day_of_its_policy(api, since, count):
    await a_school_with_a_rule(api, since)
    await marked(api, d09AM="I", d10AM="O")

    assert len(await asked(api)) == count


async def test_a_school_without_a_rule_is_asked_nothing(api):
    await a_school_with_a_rule(api, hours=None)
    await marked(api, d09AM="I", d10AM="O")

    assert await asked(api) == []
    assert (await answered(api)).status_code == 409


@pytest.mark.parametrize("ill_first", [True, False])
async def test_the_order_in_which_the_registers_come_does_not_matter(api, ill_first):
    await a_school_with_a_rule(api)
    await marked(api, **({"d09AM": "I", "d10AM": "O"} if ill_first else {"d10AM": "O", "d09AM": "I"}))

    assert len(await asked(api)) == 1


async def test_a_named_person_answers_and_the_answer_stands_beside_the_mark(api):
    await a_school_with_a_rule(api)
    await marked(api, d09AM="I", d10AM="O")

    assert (await answered(api)).status_code == 201
    (item,) = await asked(api)

    assert (item["answer"]["turned_away"], item["answer"]["answered_by"]) == (False, "Jo Head")
    await answered(api, turned_away=True, name="Another Head")
    assert [(each["answer"]["turned_away"], each["answer"]["answered_by"]) for each in await asked(api)] == [(True, "Another Head")]


async def test_a_mark_that_is_amended_is_asked_about_no_longer_and_one_amended_back_is_asked_about_anew(api):
    await a_school_with_a_rule(api)
    await marked(api, d09AM="I", d10AM="O")
    await answered(api, turned_away=True)

    await amend(api, "I")
    gone = await asked(api)
    late = await answered(api)
    await amend(api, "O")

    assert (gone, late.status_code) == ([], 409)
    assert [each["answer"] for each in await asked(api)] == [None]


async def test_an_illness_that_is_amended_away_asks_nothing(api):
    await a_school_with_a_rule(api)
    await marked(api, d09AM="I", d10AM="O")

    await amend(api, "O", day="2026-11-09")

    assert await asked(api) == []


async def test_an_answer_and_an_amendment_at_the_same_moment_leave_no_answer_about_another_mark(api):
    await a_school_with_a_rule(api)
    await marked(api, d09AM="I", d10AM="O")

    answer, _ = await asyncio.gather(answered(api), amend(api, "I"))

    assert answer.status_code in {201, 409}
    assert await asked(api) == []


async def test_only_a_person_of_the_school_or_a_manager_answers(api):
    await a_school_with_a_rule(api)
    await a_school(api, B)
    await marked(api, d09AM="I", d10AM="O")

    assert (await answered(api, urn=B)).status_code == 403
    assert (await answered(api, role="aco")).status_code == 403
    assert (await answered(api, name="")).status_code == 403
    assert (await answered(api, role="manager")).status_code == 201


async def test_nothing_is_asked_about_a_session_without_an_illness_before(api):
    await a_school_with_a_rule(api)
    await marked(api, d10AM="O")

    assert (await answered(api)).status_code == 409
    assert (await answered(api, session="PM")).status_code == 404


async def test_a_list_covers_a_month_and_one_about_a_pupil_a_year(api):
    await a_school_with_a_rule(api)
    await marked(api, d09AM="I", d10AM="O")
    school = api.as_("school", schools=[A])
    path = f"/v1/schools/{A}/sickness-questions?from={{}}&to=2026-11-30{{}}"

    assert (await school.get(path.format("2026-10-30", ""))).status_code == 422
    assert (await school.get(path.format("2026-10-31", ""))).status_code == 200
    assert len(await asked(api, path.format("2025-11-30", f"&upn={upn(1)}"))) == 1
    assert await asked(api, path.format("2025-11-30", f"&upn={upn(2)}")) == []
    assert (await school.get(path.format("2025-11-29", f"&upn={upn(1)}"))).status_code == 422
