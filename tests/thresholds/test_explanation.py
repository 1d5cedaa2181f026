"""A judgement in sentences that a parent can follow."""

from datetime import date
from random import Random

import pytest

from services.thresholds.domain.explanation import as_text, explain
from services.thresholds.domain.facts import Spell
from services.thresholds.domain.judgement import judge, judge_with_set_aside
from shared.database import Database
from tests.support import ApiClient
from tests.thresholds.builders import ELSEWHERE, ESSEX, A, B, full_days, history, marks, open_sessions, policies, session
from tests.thresholds.events import UPN, Story, absences, calendars_a, enrolled, recorded
from tests.thresholds.worlds import a_world, history_of

HOLIDAY = marks("G", full_days("2026-10-19", "2026-10-23"))


def sentences_of(found, more=()):
    return [each.text for each in explain(judge(found, policies()), more)]


def test_a_single_holiday_from_the_outcome_to_the_time_limit():
    assert sentences_of(history(HOLIDAY)) == [
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


def test_a_threshold_not_met_is_explained_by_number_and_sessions():
    sentences = sentences_of(history(marks("O", full_days("2026-10-05")) + marks("U", [session("2026-10-06", "AM")])))

    assert sentences[:2] == [
        "The national threshold is not met: 3 sessions count, and it takes 10.",
        "The latest absence without the school's permission was on Tuesday 6 October 2026, in the morning.",
    ]
    assert "Tuesday 6 October 2026, morning: Came after the register had closed, and no other code applies (code U)." in sentences


def test_the_approaching_level_is_explained_as_without_legal_effect():
    assert any("This has no legal effect." in each for each in sentences_of(history(HOLIDAY[:6])))
    assert not any("This has no legal effect." in each for each in sentences_of(history(HOLIDAY[:5])))


def test_each_session_names_its_school_where_there_are_several():
    spells = [Spell(A, ESSEX, date(2025, 9, 1), date(2026, 10, 23)), Spell(B, ELSEWHERE, date(2026, 11, 2))]
    entries = marks("O", full_days("2026-10-22")) + marks("O", full_days("2026-11-04"), B)

    sentences = sentences_of(history(entries, spells=spells, calendars={A: open_sessions(), B: open_sessions()}))

    assert f"Thursday 22 October 2026, morning and afternoon at school {A}: Absent, and no other code applies (code O)." in sentences
    assert sum(each.startswith("In the area of authority") for each in sentences) == 2


def test_sessions_left_out_are_explained_with_the_reason():
    entries = marks("O", [*full_days("2026-10-05", "2026-10-06"), session("2026-11-02", "AM")])

    sentences = sentences_of(history(entries, spent=full_days("2026-10-05")))

    assert (
        "2 sessions are not counted: a penalty notice or a charge already rests there, and the same absence is not counted again."
        in sentences
    )
    assert "One session is not counted: the school's calendar says that there was no school then." in sentences


def test_absences_before_the_framework_are_explained_apart():
    entries = marks("O", full_days("2024-07-15")) + marks("O", full_days("2024-09-09"))

    sentences = sentences_of(history(entries, spells=[Spell(A, ESSEX, date(2023, 9, 1))], calendars={}))

    assert "2 sessions of absence before Monday 19 August 2024 do not count: the rule began that day." in sentences


def test_a_pupil_without_absences_has_one_sentence():
    assert sentences_of(history([])) == ["No absence of this pupil counts towards the national threshold at present."]


def test_a_pupil_whose_absences_are_all_set_aside_is_explained_too():
    facts = history(marks("O", full_days("2026-09-14")), set_aside_to=date(2026, 9, 30))

    sentences = [each.text for each in explain(judge_with_set_aside(facts, policies()))]

    assert sentences[-1] == "2 sessions are not counted: the case in which that absence was looked at is closed."


def test_every_sentence_of_law_names_its_source():
    for each in explain(judge(history(HOLIDAY), policies())):
        assert (each.reference is None) == each.text.endswith("(code G).")
        assert each.reference is None or (each.href or "").startswith("https://")


def test_every_sentence_is_a_line_of_text_with_its_source():
    lines = as_text(explain(judge(history(HOLIDAY), policies()))).splitlines()

    assert len(lines) == 11
    assert lines[0].endswith("framework for penalty notices]")


@pytest.mark.parametrize("number", range(40))
def test_any_random_pupil_can_be_explained(number):
    world = a_world(Random(number))
    judgement = judge(history_of(world), policies(world.default_pack))

    sentences = explain(judgement)

    days = [each for each in sentences if each.text.endswith(").") and "(code " in each.text]
    assert (len(days) > 0) == (judgement.count > 0)
    assert all(each.text[0].isupper() or each.text[0].isdigit() for each in sentences)


PATH = f"/v1/pupils/{UPN}/threshold/explanation"


@pytest.fixture
async def story(database: Database):
    return Story(database)


async def test_an_explanation_is_served_as_json_or_as_text(api: ApiClient, story: Story):
    await story.arrives(enrolled(), *calendars_a(), *absences(full_days("2026-09-14", "2026-09-18")))

    answer = await api.as_("manager").get(PATH)
    text = await api.as_("school", schools=[A]).get(PATH, headers={"Accept": "text/plain"})

    assert (answer.json()["status"], answer.json()["sentences"][0]["text"]) == (
        "met",
        "The national threshold was met on Friday 18 September 2026, in the afternoon, with 10 sessions.",
    )
    assert text.headers["Content-Type"].startswith("text/plain")
    assert text.text.splitlines()[0].startswith(answer.json()["sentences"][0]["text"])
    assert len(text.text.splitlines()) == len(answer.json()["sentences"])


async def test_overdue_reasons_are_explained_by_the_count_they_would_make(api: ApiClient, story: Story, monkeypatch: pytest.MonkeyPatch):
    ten = full_days("2026-09-14", "2026-09-18")
    await story.arrives(enrolled(), *calendars_a(), *absences(ten[:8]), *absences(ten[8:], "N"))
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-26")

    sentences = [each["text"] for each in (await api.as_("manager").get(PATH)).json()["sentences"]]

    assert sentences[-1].endswith("If they were entered as absence without permission, 10 sessions would count.")


async def test_overdue_reasons_alone_are_explained_too(api: ApiClient, story: Story, monkeypatch: pytest.MonkeyPatch):
    await story.arrives(enrolled(), *calendars_a(), recorded(session("2026-09-14", "AM"), "N"))
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-26")

    sentences = [each["text"] for each in (await api.as_("manager").get(PATH)).json()["sentences"]]

    assert len(sentences) == 2
    assert sentences[-1].endswith("one session would count.")


@pytest.mark.parametrize(("role", "more", "status"), [("school", {"schools": [B]}, 403), ("operations", {}, 403), ("service", {}, 200)])
async def test_an_explanation_is_open_to_those_who_may_read_the_threshold(api: ApiClient, story: Story, role: str, more, status: int):
    await story.arrives(enrolled())

    assert (await api.as_(role, **more).get(PATH)).status_code == status
