"""How far one parent's matter has come, how it ended and what comes next, by the facts about that parent alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.penalties.case_file.domain.facts import Parent
from services.penalties.case_file.domain.matters import TRANSITIONS, NextStep, matter_of, matters_of, outcome_of, people_of
from tests.penalties.case_files import FATHER, FIRST, MOTHER, Played, a_case_file

TIME_BAR = date(2027, 3, 14)
NEW = Played()
REQUESTED = NEW.decide("penalty-notice")
AGREED = REQUESTED.answer("penalty-notice")
FINED = AGREED.fine()
REFERRED = NEW.decide("prosecution").answer("prosecution")
FILED = REFERRED.open_file()
WARNED = NEW.decide("notice-to-improve").warn()
CHARGED = FILED.file_becomes("charged")

STAGES = {
    "nothing was done": (NEW, "to-consider", None, ("decide", "school", TIME_BAR)),
    "a decision for a Notice to Improve, none issued": (NEW.decide("notice-to-improve"), "to-consider", None, ("decide", "school", TIME_BAR)),
    "support": (NEW.decide("support"), "support", None, ("decide", "school", TIME_BAR)),
    "a Notice to Improve runs": (WARNED, "notice-to-improve", None, ("record-outcome", "school", date(2026, 11, 13))),
    "it failed": (WARNED.end("failed"), "notice-to-improve", None, ("decide", "school", TIME_BAR)),
    "it was cancelled": (WARNED.end("cancelled"), "to-consider", None, ("decide", "school", TIME_BAR)),
    "it was met": (WARNED.end("met"), "ended", "improved", None),
    "it was met while a penalty notice was asked for": (WARNED.decide("penalty-notice").end("met"), "ended", "improved", None),
    "a penalty notice is asked for": (REQUESTED, "requested", None, ("answer", "aco", TIME_BAR)),
    "declined": (REQUESTED.answer("penalty-notice", agreed=False), "requested", None, ("decide", "school", TIME_BAR)),
    "agreed to something else": (REQUESTED.answer("prosecution"), "requested", None, ("decide", "school", TIME_BAR)),
    "agreed": (AGREED, "agreed", None, ("issue-penalty-notice", "aco", date(2026, 11, 21))),
    "agreed, then declined": (AGREED.answer("neither", agreed=False), "requested", None, ("decide", "school", TIME_BAR)),
    "agreed, then asked for anew": (AGREED.decide("penalty-notice"), "requested", None, ("answer", "aco", TIME_BAR)),
    "a penalty notice is to be paid": (FINED, "penalty-notice", None, ("pay", "parent", date(2026, 10, 22))),
    "it is held": (FINED.change(held=True), "penalty-notice", None, ("clear", "aco", None)),
    "it is overdue": (FINED.change(status="overdue"), "penalty-notice", None, ("decide-on-prosecution", "aco", TIME_BAR)),
    "it was paid": (FINED.pay(), "ended", "paid", None),
    "it was withdrawn": (FINED.withdraw(), "ended", "withdrawn", None),
    "a material error": (FINED.withdraw(restores=True), "agreed", None, ("issue-penalty-notice", "aco", date(2026, 11, 21))),
    "a material error after it was paid": (FINED.pay().withdraw(restores=True), "agreed", None, ("issue-penalty-notice", "aco", date(2026, 11, 21))),
    "its payment was undone": (FINED.pay().change(status="served", paid_on=None), "penalty-notice", None, ("pay", "parent", date(2026, 10, 22))),
    "a file on it": (FINED.change(status="overdue").open_file(), "prosecution", None, ("charge", "aco", TIME_BAR)),
    "paid while the file is open": (FINED.open_file().pay(), "prosecution", None, ("charge", "aco", TIME_BAR)),
    "the file stopped as paid": (FINED.open_file().pay().file_becomes("withdrawn"), "ended", "paid", None),
    "the file given up": (FINED.change(status="overdue").open_file().file_becomes("withdrawn"), "penalty-notice", None, ("decide-on-prosecution", "aco", TIME_BAR)),
    "prosecution agreed": (REFERRED, "agreed", None, ("open-file", "aco", date(2026, 11, 21))),
    "a file without a notice": (FILED, "prosecution", None, ("charge", "aco", TIME_BAR)),
    "charged": (CHARGED, "prosecution", None, ("verdict", "court", None)),
    "given up without a verdict": (FILED.file_becomes("withdrawn"), "requested", None, ("answer", "aco", TIME_BAR)),
    "convicted": (CHARGED.file_becomes("concluded", verdict="guilty-plea"), "ended", "convicted", None),
    "acquitted": (CHARGED.file_becomes("concluded", verdict="not-guilty", acquitted=True), "ended", "acquitted", None),
    "no evidence offered": (CHARGED.file_becomes("concluded", verdict="no-evidence-offered", acquitted=True), "ended", "dismissed", None),
    "a void conviction": (CHARGED.file_becomes("concluded").file_becomes("charged"), "prosecution", None, ("verdict", "court", None)),
    "no action": (NEW.decide("no-action"), "ended", "no-action", None),
    "no action after a material error": (FINED.withdraw(restores=True).decide("no-action"), "ended", "no-action", None),
    "met, and a course of an earlier version later": (WARNED.end("met").decide("penalty-notice"), "requested", None, ("answer", "aco", TIME_BAR)),
}  # fmt: skip


@pytest.mark.parametrize("what", STAGES)
def test_a_matter_is_the_furthest_step_that_stands_and_names_the_next_one(what: str) -> None:
    played, stage, outcome, following = STAGES[what]

    matter = matter_of(played.case, MOTHER)

    assert (matter.stage, matter.outcome) == (stage, outcome)
    assert matter.next == (NextStep(*following) if following else None)
    assert (matter.ended_on is not None) == (stage == "ended")


@pytest.mark.parametrize("what", STAGES)
def test_a_fact_about_one_parent_changes_nothing_of_the_other_s_matter(what: str) -> None:
    assert matter_of(STAGES[what][0].case, FATHER) == matter_of(NEW.case, FATHER)


@pytest.mark.parametrize(("day", "stage"), [(59, "agreed"), (60, "agreed"), (61, "requested")])
def test_an_agreement_is_in_force_for_its_days_and_then_the_request_waits_again(day: int, stage: str) -> None:
    case = replace(AGREED.case, as_of=AGREED.case.agreements[0].agreed_on + timedelta(day))

    assert matter_of(case, MOTHER).stage == stage
    assert matter_of(AGREED.case, MOTHER).review_on == AGREED.case.agreements[0].agreed_on + timedelta(61)


@pytest.mark.parametrize(("day", "provisional"), [(20, True), (21, True), (22, False)])
def test_an_acquittal_is_provisional_until_the_appeal_s_days_are_over(day: int, provisional: bool) -> None:
    concluded = CHARGED.today
    until = concluded + timedelta(21)
    case = CHARGED.file_becomes("concluded", verdict="not-guilty", acquitted=True, appeal_until=until).case

    matter = matter_of(replace(case, as_of=concluded + timedelta(day)), MOTHER)

    assert (matter.outcome, matter.provisional) == ("acquitted", provisional)
    assert matter.review_on == (until + timedelta(1) if provisional else None)


def test_the_last_word_about_each_parent_holds() -> None:
    both = NEW.decide("penalty-notice", MOTHER, FATHER).answer("penalty-notice", MOTHER, FATHER)

    declined = both.answer("penalty-notice", FATHER, agreed=False)

    assert [matter_of(declined.case, each).stage for each in (MOTHER, FATHER)] == ["agreed", "requested"]


@pytest.mark.parametrize(
    ("mother", "father", "outcome"),
    [
        (NEW, None, None),
        (NEW.decide("no-action"), None, None),
        (NEW.decide("no-action", MOTHER, FATHER), None, "no-action"),
        (WARNED.end("met"), "no-action", "improved"),
        (FINED.withdraw(), "no-action", "withdrawn"),
        (FINED.pay(), "no-action", "paid"),
        (CHARGED.file_becomes("concluded"), "no-action", "court"),
        (FINED, "no-action", None),
    ],
)
def test_a_case_ends_as_the_furthest_of_its_matters_once_every_one_has_ended(
    mother: Played, father: str | None, outcome: str | None
) -> None:
    played = mother.decide(father, FATHER) if father else mother

    assert outcome_of(played.case, matters_of(played.case)) == outcome


def test_a_case_without_a_parent_ends_by_a_decision_for_no_action() -> None:
    nobody = Played(a_case_file(parents=()))
    decided = Played(replace(nobody.case, decisions=(replace(NEW.decide("no-action").case.decisions[0], parent_ids=()),)))

    assert outcome_of(nobody.case, matters_of(nobody.case)) is None
    assert outcome_of(decided.case, matters_of(decided.case)) == "no-action"


@pytest.mark.parametrize(
    ("status", "day", "has_one"),
    [("open", TIME_BAR + timedelta(1), True), ("closed", TIME_BAR, True), ("closed", TIME_BAR + timedelta(1), False)],
)
def test_a_later_parent_has_a_matter_while_the_case_is_open_or_within_its_time_bar(status: str, day: date, has_one: bool) -> None:
    case = replace(NEW.decide("no-action").case, status=status, as_of=day)

    assert (FATHER in people_of(case)) is has_one
    assert MOTHER in people_of(case)


def test_a_contact_of_whom_nothing_shows_a_parent_in_law_has_no_matter_until_a_decision_named_them() -> None:
    contact = replace(NEW.case, parents=(Parent(MOTHER),))
    decided = replace(NEW.decide("support").case, parents=(Parent(MOTHER),))

    assert [people_of(each) for each in (contact, decided)] == [(), (MOTHER,)]


def test_a_case_that_ended_for_all_at_once_ended_without_action_about_those_of_whom_nothing_was_decided() -> None:
    case = replace(FINED.pay().case, status="closed", closed_on=FIRST, ended_for_all=True)

    assert [(each.parent_id, each.outcome) for each in matters_of(case)] == [(MOTHER, "paid"), (FATHER, "no-action")]


MOVES: dict[str, Callable[[Played], Played]] = {
    "support": lambda case: case.decide("support"),
    "a decision for a Notice to Improve": lambda case: case.decide("notice-to-improve"),
    "a request for a penalty notice": lambda case: case.decide("penalty-notice"),
    "a request for a prosecution": lambda case: case.decide("prosecution"),
    "no action": lambda case: case.end("cancelled").decide("no-action"),
    "an agreement": lambda case: case.answer(case.case.decisions[-1].decision),
    "a refusal": lambda case: case.answer("neither", agreed=False),
    "time": lambda case: Played(replace(case.case, as_of=case.today + timedelta(90))),
    "a Notice to Improve": lambda case: case.warn(),
    "an outcome: met": lambda case: case.end("met"),
    "an outcome: failed": lambda case: case.end("failed"),
    "an outcome: cancelled": lambda case: case.end("cancelled"),
    "a penalty notice": lambda case: case.fine(),
    "a payment": lambda case: case.pay(),
    "a payment undone": lambda case: case.change(status="served", paid_on=None),
    "a withdrawal": lambda case: case.withdraw(),
    "a material error": lambda case: case.withdraw(restores=True),
    "a file": lambda case: case.open_file(),
    "a charge": lambda case: case.file_becomes("charged"),
    "a file given up": lambda case: case.file_becomes("withdrawn"),
    "a verdict": lambda case: case.file_becomes("concluded"),
}


def possible(played: Played, move: str) -> bool:
    """Whether the move is one that the rules allow or another service publishes, in the state that the case is in."""
    case = played.case
    matter = matter_of(case, MOTHER)
    stage, course = matter.stage, next((d.decision for d in reversed(case.decisions) if d.decision != "support"), None)
    running = any(n.running for n in case.improvement_notices)
    notice = case.penalty_notices[-1] if case.penalty_notices else None
    file = case.court_files[-1] if case.court_files else None
    live = stage != "ended"
    prosecution_agreed = stage == "agreed" and course == "prosecution"
    return {
        "support": live and not case.decisions,
        "a decision for a Notice to Improve": live and course != "notice-to-improve",
        "a request for a penalty notice": live and course != "penalty-notice",
        "a request for a prosecution": live and course != "prosecution",
        "no action": live and not (notice and notice.unsettled) and not (file and file.is_open) and not prosecution_agreed,
        "an agreement": stage == "requested",
        "a refusal": stage in {"requested", "agreed"},
        "time": stage == "agreed",
        "a Notice to Improve": live and course == "notice-to-improve" and not running and stage in {"to-consider", "support"},
        "an outcome: met": running,
        "an outcome: failed": running,
        "an outcome: cancelled": running,
        "a penalty notice": stage == "agreed" and course == "penalty-notice" and not running,
        "a payment": bool(notice and notice.unsettled),
        "a payment undone": bool(notice and notice.status == "paid" and not (file and file.is_open)),
        "a withdrawal": bool(notice and notice.status != "withdrawn"),
        "a material error": bool(notice and notice.status != "withdrawn"),
        "a file": not (file and file.is_open) and (prosecution_agreed or bool(notice and notice.unsettled)),
        "a charge": bool(file and file.status in {"opened", "concluded"}),
        "a file given up": bool(file and file.is_open),
        "a verdict": bool(file and file.status == "charged"),
    }[move]


def test_every_arrow_of_the_table_is_taken_by_some_fact_and_no_fact_takes_another() -> None:
    arrows: set[tuple[str, str]] = set()
    failed = WARNED.end("failed").decide("penalty-notice").answer("penalty-notice").fine()
    tried = NEW.decide("support").decide("penalty-notice").answer("penalty-notice").fine()
    layer = [NEW, NEW.decide("support"), WARNED.end("failed"), FINED, FILED, failed, tried]
    for _ in range(4):
        following: dict[object, Played] = {}
        for played in layer:
            before = matter_of(played.case, MOTHER)
            for move in (each for each in MOVES if possible(played, each)):
                after = MOVES[move](played)
                stage = matter_of(after.case, MOTHER).stage
                if stage != before.stage:
                    arrows.add((before.stage, stage))
                following.setdefault(shape(after), after)
        layer = list(following.values())

    assert arrows == set(TRANSITIONS)


def shape(played: Played) -> object:
    """What of a case decides what may follow, so that each is looked at once."""
    case = played.case
    return (
        matter_of(case, MOTHER).stage,
        tuple(each.decision for each in case.decisions[-2:]),
        any(each.decision == "support" for each in case.decisions),
        tuple(each.status for each in case.improvement_notices),
        tuple((each.status, each.restores, each.concluded_on is None) for each in case.penalty_notices),
        tuple(each.status for each in case.court_files),
    )
