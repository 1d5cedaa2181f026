"""A judgement in sentences that a parent can follow."""

from datetime import date
from random import Random

import pytest

from services.thresholds.domain.explanation import as_text, explain
from services.thresholds.domain.facts import Spell
from services.thresholds.domain.judgement import judge
from shared.database import Database
from shared.testing import ApiClient
from tests.thresholds.builders import ELSEWHERE, ESSEX, A, B, history, marks, open_sessions, policies, session, whole_days
from tests.thresholds.events import UPN, Story, absences, calendars_a, enrolled, recorded
from tests.thresholds.worlds import a_world, history_of

HOLIDAY = marks("G", whole_days("2026-10-19", "2026-10-23"))


def told(found, more=()):
    return [each.text for each in explain(judge(found, policies()).as_json(), more)]


def test_a_single_holiday_from_the_outcome_to_the_time_limit():
    assert told(history(HOLIDAY)) == [
        "The national threshold was met on Friday 23 October 2026, in the afternoon, with 10 sessions.",
        (
            "It is met by 10 sessions of absence without the school's permission within 10 school weeks. A session is a morning or an afternoon."
            " From then on the school must consider, for this pupil and this family, which support or action is right; nothing follows by itself."
        ),
        (
            "Counted were 10 school weeks, of at most 10: those from Monday 13 July 2026 to Sunday 25 October 2026 in which a school of this"
            " pupil was open for at least one session. Weeks of holidays are passed over."
        ),
        "Monday 19 October 2026, morning and afternoon: On a holiday that was not granted, or longer than granted (code G).",
        "Tuesday 20 October 2026, morning and afternoon: On a holiday that was not granted, or longer than granted (code G).",
        "Wednesday 21 October 2026, morning and afternoon: On a holiday that was not granted, or longer than granted (code G).",
        "Thursday 22 October 2026, morning and afternoon: On a holiday that was not granted, or longer than granted (code G).",
        "Friday 23 October 2026, morning and afternoon: On a holiday that was not granted, or longer than granted (code G).",
        (
            "In the area of authority 881 absences with the codes G, O and U count: here 10 with code G. Absence that the school permitted never"
            " counts."
        ),
        (
            "From Monday 19 October 2026 to Friday 23 October 2026 the pupil was on holiday without permission in every session of the school,"
            " at least 10 of them: this is one single holiday."
        ),
        (
            "A court can be asked to deal with the earliest of these absences, that of Monday 19 October 2026, within 6 months: until"
            " Monday 19 April 2027."
        ),
    ]


def test_below_it_says_how_many_and_which():
    said = told(history(marks("O", whole_days("2026-10-05")) + marks("U", [session("2026-10-06", "AM")])))

    assert said[:2] == [
        "The national threshold is not met: 3 sessions count, and it takes 10.",
        "The latest absence without the school's permission was on Tuesday 6 October 2026, in the morning.",
    ]
    assert "Tuesday 6 October 2026, morning: Came after the register had closed, and no other code applies (code U)." in said


def test_approaching_is_said_to_have_no_legal_effect():
    assert any("This has no legal effect." in each for each in told(history(HOLIDAY[:6])))
    assert not any("This has no legal effect." in each for each in told(history(HOLIDAY[:5])))


def test_of_several_schools_each_session_names_its_own():
    spells = [Spell(A, ESSEX, date(2025, 9, 1), date(2026, 10, 23)), Spell(B, ELSEWHERE, date(2026, 11, 2))]
    entries = marks("O", whole_days("2026-10-22")) + marks("O", whole_days("2026-11-04"), B)

    said = told(history(entries, spells=spells, calendars={A: open_sessions(), B: open_sessions()}))

    assert f"Thursday 22 October 2026, morning and afternoon at school {A}: Absent, and no other code applies (code O)." in said
    assert sum(each.startswith("In the area of authority") for each in said) == 2


def test_what_is_left_out_says_why():
    entries = marks("O", [*whole_days("2026-10-05", "2026-10-06"), session("2026-11-02", "AM")])

    said = told(history(entries, spent=whole_days("2026-10-05")))

    assert (
        "2 sessions are not counted: a penalty notice or a charge already rests there, and the same absence is not counted again." in said
    )
    assert "One session is not counted: the school's calendar says that there was no school then." in said


def test_absences_before_the_framework_are_told_apart():
    entries = marks("O", whole_days("2024-07-15")) + marks("O", whole_days("2024-09-09"))

    said = told(history(entries, spells=[Spell(A, ESSEX, date(2023, 9, 1))], calendars={}))

    assert "2 sessions of absence before Monday 19 August 2024 do not count: the rule began that day." in said


def test_nothing_is_nothing():
    assert told(history([])) == ["No absence of this pupil counts towards the national threshold at present."]


def test_every_sentence_of_law_names_its_source():
    for each in explain(judge(history(HOLIDAY), policies()).as_json()):
        assert (each.reference is None) == each.text.endswith("(code G).")
        assert each.reference is None or (each.href or "").startswith("https://")


def test_as_text_every_sentence_is_a_line_with_its_source():
    lines = as_text(explain(judge(history(HOLIDAY), policies()).as_json())).splitlines()

    assert len(lines) == 11
    assert lines[0].endswith("framework for penalty notices]")


@pytest.mark.parametrize("number", range(40))
def test_any_pupil_can_be_told(number):
    world = a_world(Random(number))
    judgement = judge(history_of(world), policies(world.default_pack))

    said = explain(judgement.as_json())

    days = [each for each in said if each.text.endswith(").") and "(code " in each.text]
    assert (len(days) > 0) == (judgement.count > 0)
    assert all(each.text[0].isupper() or each.text[0].isdigit() for each in said)


PATH = f"/v1/pupils/{UPN}/threshold/explanation"


@pytest.fixture
async def story(database: Database):
    return Story(database)


async def test_it_is_read_as_json_or_as_text(api: ApiClient, story: Story):
    await story.arrives(enrolled(), *calendars_a(), *absences(whole_days("2026-09-14", "2026-09-18")))

    answer = await api.as_("manager").get(PATH)
    plain = await api.as_("school", schools=[A]).get(PATH, headers={"Accept": "text/plain"})

    assert (answer.json()["status"], answer.json()["sentences"][0]["text"]) == (
        "met",
        "The national threshold was met on Friday 18 September 2026, in the afternoon, with 10 sessions.",
    )
    assert plain.headers["Content-Type"].startswith("text/plain")
    assert plain.text.splitlines()[0].startswith(answer.json()["sentences"][0]["text"])
    assert len(plain.text.splitlines()) == len(answer.json()["sentences"])


async def test_reasons_never_established_are_told_as_they_would_count(api: ApiClient, story: Story, monkeypatch: pytest.MonkeyPatch):
    ten = whole_days("2026-09-14", "2026-09-18")
    await story.arrives(enrolled(), *calendars_a(), *absences(ten[:8]), *absences(ten[8:], "N"))
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-26")

    said = [each["text"] for each in (await api.as_("manager").get(PATH)).json()["sentences"]]

    assert said[-1].endswith("If they were entered as absence without permission, 10 sessions would count.")


async def test_reasons_alone_are_told_too(api: ApiClient, story: Story, monkeypatch: pytest.MonkeyPatch):
    await story.arrives(enrolled(), *calendars_a(), recorded(session("2026-09-14", "AM"), "N"))
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-26")

    said = [each["text"] for each in (await api.as_("manager").get(PATH)).json()["sentences"]]

    assert len(said) == 2
    assert said[-1].endswith("one session would count.")


@pytest.mark.parametrize(("role", "more", "status"), [("school", {"schools": [B]}, 403), ("operations", {}, 403), ("service", {}, 200)])
async def test_it_is_told_to_those_who_see_the_threshold(api: ApiClient, story: Story, role: str, more, status: int):
    await story.arrives(enrolled())

    assert (await api.as_(role, **more).get(PATH)).status_code == status
