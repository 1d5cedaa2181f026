"""The worked examples of the threshold (handbook 12.1), each with its neighbours: a session, a day, a week to either side."""

from datetime import date

import pytest

from services.thresholds.domain.facts import Spell, unauthorised_codes
from services.thresholds.domain.judgement import Crossing, Judgement, judge, set_aside
from services.thresholds.domain.reasons import count_with_unresolved
from services.thresholds.domain.sessions import Span
from tests.thresholds.builders import (
    ELSEWHERE,
    ESSEX,
    STATUTES,
    A,
    B,
    C,
    full_days,
    history,
    marks,
    open_sessions,
    policies,
    session,
)

BORN_EARLY = Span(date(2019, 1, 1), date(2032, 6, 25))


def crossing(judgement: Judgement) -> Crossing:
    """Return where it was met."""
    assert judgement.crossing
    return judgement.crossing


def met(judgement: Judgement) -> tuple[str, ...]:
    """Return where it was met and the window, as the handbook writes it; nothing where it was not."""
    if judgement.crossing is None:
        return ()
    at, window = judgement.crossing.at.session, judgement.crossing.window
    return (str(at.date), at.half, str(window.start), str(window.end))


T1 = marks("G", full_days("2026-10-22", "2026-10-23")) + marks("O", full_days("2026-11-09", "2026-11-11"))
T2A = (
    marks("O", full_days("2026-09-07"))
    + marks("O", full_days("2026-10-05", "2026-10-07"))
    + marks("U", [session("2026-10-08", "AM"), session("2026-11-20", "PM")])
)
T4 = marks("G", full_days("2026-12-16", "2026-12-18")) + marks("G", full_days("2027-01-05", "2027-01-06"))
T5 = marks("G", full_days("2026-10-19", "2026-10-23"))
WINDOW_T5 = ("2026-10-23", "PM", "2026-07-13", "2026-10-25")


@pytest.mark.parametrize(
    ("name", "entries", "want"),
    [
        ("T1 half-term", T1, ("2026-11-11", "PM", "2026-08-31", "2026-11-15")),
        ("T1 without its last session", T1[:-1], None),
        ("T1 with one session more", T1 + marks("O", [session("2026-11-12", "AM")]), ("2026-11-11", "PM", "2026-08-31", "2026-11-15")),
        ("T2a at the edge of the window", T2A, ("2026-11-20", "PM", "2026-09-07", "2026-11-22")),
        ("T2b the next school day: the first week has gone", T2A[:-1] + marks("U", [session("2026-11-23", "AM")]), None),
        (
            "T2c the first session in the INSET week before",
            marks("O", [session("2026-09-03", "AM"), session("2026-09-03", "PM")]) + T2A[2:],
            None,
        ),
        (
            "T2d from that week, two days earlier at the end",
            marks("O", full_days("2026-09-03")) + T2A[2:-1] + marks("U", [session("2026-11-13", "PM")]),
            ("2026-11-13", "PM", "2026-08-31", "2026-11-15"),
        ),
        ("T4 Christmas", T4, ("2027-01-06", "PM", "2026-10-12", "2027-01-10")),
        ("T4 without its last session", T4[:-1], None),
        ("T5 one week of holiday", T5, WINDOW_T5),
        ("T5 one session short", T5[:-1], None),
        (
            "T5 a session later in the term",
            T5[:-1] + marks("O", [session("2026-11-03", "AM")]),
            ("2026-11-03", "AM", "2026-07-20", "2026-11-08"),
        ),
        (
            "T15 illness in between is still school",
            marks("O", [*full_days("2026-09-07", "2026-09-08"), session("2026-09-09", "AM")])
            + marks("I", full_days("2026-09-28", "2026-10-16"))
            + marks("O", [*full_days("2026-11-09", "2026-11-10"), session("2026-11-11", "AM")]),
            ("2026-11-11", "AM", "2026-08-31", "2026-11-15"),
        ),
        (
            "L and I never count",
            marks("L", full_days("2026-10-12", "2026-10-23")) + marks("I", full_days("2026-11-03", "2026-11-20")),
            None,
        ),
        ("T11 late before and after the close", T5[:-1] + marks("L", [session("2026-10-23", "PM")]), None),
        ("T11 after the close", T5[:-1] + marks("U", [session("2026-10-23", "PM")]), WINDOW_T5),
        ("a mark on the INSET day does not count", T5[:-1] + marks("O", [session("2026-11-02", "AM")]), None),
        ("a mark on a Saturday does not count", T5[:-1] + marks("O", [session("2026-10-24", "AM")]), None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_worked_examples_on_calendar_a(name, entries, want):
    judgement = judge(history(entries), policies())

    assert met(judgement) == (want or ()), name
    assert len(judgement.crossing.sessions if judgement.crossing else []) == (10 if want else 0)


def test_t5_is_a_single_holiday_of_ten():
    judgement = judge(history(T5), policies())

    assert judgement.holiday == Span(date(2026, 10, 19), date(2026, 10, 23))
    assert crossing(judgement).counts == {"G": 10}
    assert judgement.earliest_time_bar == date(2027, 4, 19)


def test_a_holiday_across_half_term_is_one_holiday():
    entries = marks("G", full_days("2026-10-21", "2026-10-23")) + marks("G", full_days("2026-11-03", "2026-11-04"))

    judgement = judge(history(entries), policies())

    assert judgement.holiday == Span(date(2026, 10, 21), date(2026, 11, 4))


def test_a_session_of_school_in_between_makes_two_holidays():
    entries = marks("G", full_days("2026-10-12", "2026-10-14")) + marks("G", full_days("2026-10-16", "2026-10-19"))

    judgement = judge(history(entries), policies())

    assert met(judgement)
    assert judgement.holiday is None


def test_a_holiday_that_begins_in_the_window_is_flagged_whatever_else_the_window_holds():
    others = marks("O", full_days("2026-09-07", "2026-09-09"))
    begun = marks("G", full_days("2026-10-19", "2026-10-20"))

    before = judge(history(others + begun), policies())
    after = judge(history(others + T5), policies())

    assert met(before) == met(after)
    assert (before.holiday, after.holiday) == (None, Span(date(2026, 10, 19), date(2026, 10, 23)))


def test_a_holiday_that_begins_after_the_window_is_not_flagged():
    others = marks("O", full_days("2026-09-07", "2026-09-11"))

    judgement = judge(history(others + T5), policies())

    assert met(judgement) == ("2026-09-11", "PM", "2026-06-01", "2026-09-13")
    assert judgement.holiday is None


def test_without_a_calendar_a_holiday_is_consecutive_by_the_registers():
    spells = [Spell(C, ESSEX, date(2025, 9, 1))]
    entries = marks("G", full_days("2026-09-14", "2026-09-16") + full_days("2026-09-21", "2026-09-22"), C)
    taken = marks("/", [session("2026-09-17", "AM")], C)

    alone = judge(history(entries, spells=spells, calendars={}), policies())
    with_a_register_between = judge(history(entries + taken, spells=spells, calendars={}), policies())

    assert alone.holiday == Span(date(2026, 9, 14), date(2026, 9, 22))
    assert with_a_register_between.holiday is None
    assert met(alone)


T7_SPELLS = [Spell(A, ESSEX, date(2025, 9, 1), date(2026, 10, 23)), Spell(B, ELSEWHERE, date(2026, 11, 2))]


def test_t7_the_count_follows_the_pupil_to_another_school_and_authority():
    entries = marks("O", full_days("2026-09-21", "2026-09-23")) + marks("O", full_days("2026-11-04", "2026-11-05"), B)
    both = {A: open_sessions(), B: open_sessions()}

    judgement = judge(history(entries, spells=T7_SPELLS, calendars=both), policies())

    assert met(judgement) == ("2026-11-05", "PM", "2026-07-20", "2026-11-08")
    assert (crossing(judgement).at.urn, crossing(judgement).at.la_code) == (B, ELSEWHERE)
    assert {each.urn for each in crossing(judgement).sessions} == {A, B}


def test_t7_a_mark_after_the_last_day_on_the_roll_is_flagged_and_does_not_count():
    spells = [Spell(A, ESSEX, date(2025, 9, 1), date(2026, 10, 22))]

    judgement = judge(history(T5, spells=spells), policies())

    assert (judgement.status, judgement.count) == ("approaching", 8)
    assert [(str(each.mark.session.date), each.why) for each in judgement.flagged] == [("2026-10-23", "off-roll")] * 2


@pytest.mark.parametrize(("left", "want"), [("2026-10-22", ()), ("2026-10-23", WINDOW_T5)])
def test_the_last_day_on_the_roll_counts(left, want):
    spells = [Spell(A, ESSEX, date(2025, 9, 1), date.fromisoformat(left))]

    assert met(judge(history(T5, spells=spells), policies())) == want


T9 = marks("O", full_days("2026-11-09", "2026-11-11") + full_days("2026-11-13")) + marks("N", full_days("2026-11-12"))


@pytest.mark.parametrize(("pack", "count", "status"), [("england", 10, "met"), ("essex", 8, "approaching")])
def test_t9_an_n_counts_where_the_pack_has_the_code(pack, count, status):
    spells = [Spell(A, ELSEWHERE, date(2025, 9, 1))]

    judgement = judge(history(T9, spells=spells), policies(pack))

    assert (judgement.status, judgement.count, judgement.policy) == (status, count, pack)


def test_t9_an_n_whose_reason_was_found_counts_no_more():
    resolved = [mark for mark in T9 if mark.code == "O"] + marks("I", full_days("2026-11-12"), version=2)

    judgement = judge(history(resolved, spells=[Spell(A, ELSEWHERE, date(2025, 9, 1))]), policies("england"))

    assert (judgement.status, judgement.count) == ("approaching", 8)


@pytest.mark.parametrize(("today", "shown"), [("2026-11-19", None), ("2026-11-20", 10)])
def test_t9_an_n_past_its_fifth_school_day_is_also_shown_as_o(today, shown):
    found = history(T9)

    assert count_with_unresolved(found, policies(), date.fromisoformat(today)) == shown
    assert judge(found, policies()).count == 8


def test_an_authority_with_a_pack_of_its_own_keeps_it_whatever_the_default():
    assert judge(history(T9), policies("england")).count == 8


@pytest.mark.parametrize(("first", "count"), [("2026-12-31", 6), ("2027-01-05", 6), ("2027-01-06", 4), ("2027-01-08", 0)])
def test_t12_sessions_count_from_the_day_of_compulsory_school_age(first, count):
    entries = marks("G", full_days("2026-11-09", "2026-11-13")) + marks("O", full_days("2027-01-05", "2027-01-07"))
    compulsory = Span(date.fromisoformat(first), date(2037, 6, 26))

    judgement = judge(history(entries, compulsory=compulsory), policies())

    assert judgement.count == count
    assert not met(judgement)


@pytest.mark.parametrize(("last", "want"), [("2026-10-22", 8), ("2026-10-23", 10)])
def test_sessions_count_to_the_last_day_of_compulsory_school_age(last, want):
    compulsory = Span(date(2015, 1, 1), date.fromisoformat(last))

    assert judge(history(T5, compulsory=compulsory), policies()).count == want


DUAL = [Spell(A, ESSEX, date(2025, 9, 1)), Spell(C, ESSEX, date(2026, 9, 1))]
WEEK = full_days("2026-09-14", "2026-09-18")


def test_t14_dual_registration_gives_way_to_the_other_school():
    judgement = judge(history(marks("D", WEEK) + marks("O", WEEK, C), spells=DUAL), policies())

    assert met(judgement)[:2] == ("2026-09-18", "PM")
    assert {(each.urn, each.code) for each in crossing(judgement).sessions} == {(C, "O")}


def test_t14_two_absences_in_one_session_count_once_with_the_lowest_urn():
    judgement = judge(history(marks("O", WEEK) + marks("G", WEEK, C), spells=DUAL), policies())

    assert len(judgement.counting) == 10
    assert {(each.urn, each.code) for each in judgement.counting} == {(A, "O")}
    assert judgement.disagreements == ()


def test_t14_a_better_record_at_the_other_school_wins_and_is_shown_to_a_person():
    better = marks("/", [session("2026-09-18", "AM")], C) + marks("O", WEEK[:-2], C)

    judgement = judge(history(marks("O", WEEK) + better, spells=DUAL), policies())

    assert (judgement.status, judgement.count) == ("approaching", 9)
    assert [(each.session, [mark.code for mark in each.marks]) for each in judgement.disagreements] == [(WEEK[-2], ["O", "/"])]


def test_t14_a_flagged_mark_is_left_out_before_two_schools_are_compared():
    not_held = full_days("2026-09-01")
    calendars = {A: open_sessions(), C: [each for each in open_sessions() if each not in WEEK]}

    judgement = judge(history(marks("O", WEEK) + marks("/", WEEK, C) + marks("O", not_held), spells=DUAL, calendars=calendars), policies())

    assert met(judgement)[:2] == ("2026-09-18", "PM")
    assert {each.why for each in judgement.flagged} == {"not-held"}
    assert judgement.disagreements == ()


def test_each_schools_mark_is_weighed_by_its_own_authoritys_pack():
    spells = [Spell(A, ESSEX, date(2025, 9, 1)), Spell(B, ELSEWHERE, date(2026, 9, 1))]

    judgement = judge(history(marks("N", WEEK) + marks("N", WEEK, B), spells=spells), policies("england"))

    assert judgement.count == 0
    assert len(judgement.disagreements) == 10


def test_t16_sessions_that_a_notice_spent_do_not_count():
    september = full_days("2026-09-14", "2026-09-18")
    entries = marks("O", september) + marks("O", full_days("2026-10-05"))

    judgement = judge(history(entries, spent=september), policies())

    assert (judgement.status, judgement.count, len(judgement.counting)) == ("below", 2, 2)


def test_sessions_set_aside_raise_no_alert_and_may_still_be_relied_on():
    entries = marks("O", WEEK) + marks("O", full_days("2026-10-05"))

    facts = history(entries, set_aside_to=date(2026, 9, 18))

    judgement = judge(facts, policies())

    assert (judgement.status, judgement.count, len(judgement.counting)) == ("below", 2, 2)
    assert [each.session for each in set_aside(facts, policies())] == [*WEEK]


def test_sessions_after_the_last_day_set_aside_count():
    judgement = judge(history(marks("O", WEEK), set_aside_to=date(2026, 9, 17)), policies())

    assert judgement.count == 2


C_SPELL = [Spell(C, ESSEX, date(2023, 9, 1))]


def test_t17_absences_before_the_framework_never_count():
    entries = marks("O", full_days("2024-07-15", "2024-07-17") + full_days("2024-09-09", "2024-09-10"), C)

    judgement = judge(history(entries, spells=C_SPELL, calendars={}), policies())

    assert (judgement.status, judgement.count) == ("below", 4)
    assert any(finding.provision == "first_counting_day" for finding in judgement.findings)


@pytest.mark.parametrize(("first", "count"), [("2024-08-16", 9), ("2024-08-19", 10)])
def test_t17_the_first_day_of_the_framework_counts(first, count):
    sessions = [session(first, "AM"), *full_days("2024-08-20", "2024-08-23"), session("2024-08-27", "AM")]

    judgement = judge(history(marks("O", sessions, C), spells=C_SPELL, calendars={}), policies())

    assert judgement.count == count


def test_a_week_wholly_closed_is_no_school_week():
    snowed_in = set(full_days("2026-10-12", "2026-10-16"))
    open_ = [each for each in open_sessions() if each not in snowed_in]
    entries = T2A[:-1] + marks("U", [session("2026-11-27", "PM")])

    assert not met(judge(history(entries), policies()))
    assert met(judge(history(entries, calendars={A: open_}), policies())) == ("2026-11-27", "PM", "2026-09-07", "2026-11-29")


def test_one_open_session_makes_a_school_week():
    nearly = set(full_days("2026-10-12", "2026-10-16")) - {session("2026-10-16", "PM")}
    open_ = [each for each in open_sessions() if each not in nearly]
    entries = T2A[:-1] + marks("U", [session("2026-11-27", "PM")])

    assert not met(judge(history(entries, calendars={A: open_}), policies()))


def test_without_a_calendar_a_week_with_any_stored_mark_is_a_school_week():
    late = full_days("2026-11-23")
    entries = marks("O", full_days("2026-09-07", "2026-09-10"), C) + marks("O", late, C)
    weekly = [
        session(day, "AM") for day in ("2026-09-14", "2026-09-21", "2026-09-28", "2026-10-05", "2026-10-12", "2026-10-19", "2026-11-02")
    ]

    def judged(sessions):
        return judge(history(entries + marks("/", sessions, C), spells=C_SPELL, calendars={}), policies())

    assert met(judged(weekly)) == ("2026-11-23", "PM", "2026-09-07", "2026-11-29")
    assert met(judged([*weekly, session("2026-11-09", "AM")])) == ("2026-11-23", "PM", "2026-09-07", "2026-11-29")
    assert not met(judged([*weekly, session("2026-11-09", "AM"), session("2026-11-16", "PM")]))


def test_the_regime_of_a_calendar_holds_for_its_school_year_alone():
    only_2026 = {A: [each for each in open_sessions() if each.date >= date(2026, 9, 1)]}
    before = marks("O", full_days("2026-07-20", "2026-07-23"))  # two of them after the end of term in calendar A

    judgement = judge(history(before + marks("O", full_days("2026-09-03"))), policies())
    without = judge(history(before + marks("O", full_days("2026-09-03")), calendars=only_2026), policies())

    assert (judgement.count, without.count) == (6, 10)


def test_the_packs_count_nothing_but_unauthorised_absence():
    day = date(2026, 9, 7)

    for law in STATUTES.packs.values():
        assert set(law.at("counting_codes", day).value) <= unauthorised_codes(day)


def test_a_gap_between_schools_is_no_school_week():
    spells = [Spell(A, ESSEX, date(2025, 9, 1), date(2026, 9, 18)), Spell(B, ESSEX, date(2027, 1, 5))]
    entries = marks("O", full_days("2026-09-14", "2026-09-17")) + marks("O", full_days("2027-01-05"), B)
    both = {A: open_sessions(), B: open_sessions()}

    judgement = judge(history(entries, spells=spells, calendars=both), policies())

    assert met(judgement)[:2] == ("2027-01-05", "PM")
