"""What a log still lacks by the authority's checklist, in the words that people read: the entries on the left, what follows from them on the right."""

from dataclasses import replace
from datetime import date, time
from pathlib import Path
from uuid import uuid4

import pytest

import services.penalties
from services.penalties.support.domain.completeness import LoggedEntry, assess_log
from services.penalties.support.domain.entries import EntryContent, Participant
from shared.attendance.law import load_statutes

PACKS = load_statutes(Path(services.penalties.__file__).parent / "law").packs
FIRST, TODAY = date(2026, 7, 13), date(2026, 10, 12)


def entry(kind, made_on="2026-09-14", **more):
    return EntryContent(kind=kind, made_on=date.fromisoformat(made_on), notes=more.pop("notes", "Notes."), **more)


NOBODY_CAME = (Participant(name="The mother", came=False),)
SEPTEMBER_17 = date(2026, 9, 17)

ROWS = [
    # item of the checklist, entries of the log, state, words
    ("meeting", [], "missing", "Nothing is recorded. Record what was done, or why it was not."),
    ("meeting", [entry("meeting", offered_for=SEPTEMBER_17)], "without-outcome",
     "Recorded on 14 September 2026, without what came of it. Correct the entry when it is known."),
    ("meeting", [entry("meeting", held_on=SEPTEMBER_17)], "without-outcome",
     "Recorded on 14 September 2026, without what came of it. Correct the entry when it is known."),
    ("meeting", [entry("meeting", held_on=SEPTEMBER_17, outcome="Breakfast club.")], "done", "14 September 2026: Breakfast club."),
    ("meeting", [entry("meeting", offered_for=SEPTEMBER_17, participants=NOBODY_CAME)], "done",
     "14 September 2026: offered for 17 September 2026, and nobody came."),
    ("meeting", [entry("meeting", not_done_because="The family is abroad.")], "not-done",
     "Not done, because: The family is abroad. (14 September 2026)"),
    ("meeting", [entry("meeting", outcome="Agreed."), entry("meeting", "2026-09-21")], "done", "14 September 2026: Agreed."),
    ("meeting", [entry("meeting", not_done_because="Abroad."), entry("meeting", "2026-09-21")], "without-outcome",
     "Recorded on 21 September 2026, without what came of it. Correct the entry when it is known."),
    ("meeting", [entry("meeting", "2026-07-12", outcome="Agreed.")], "missing", "Nothing is recorded. Record what was done, or why it was not."),
    ("meeting", [entry("meeting", "2026-07-13", outcome="Agreed.")], "done", "13 July 2026: Agreed."),
    ("meeting", [entry("call", outcome="Agreed.")], "missing", "Nothing is recorded. Record what was done, or why it was not."),
    ("contact", [entry("call", outcome="No reply.")], "done", "14 September 2026: No reply."),
    ("contact", [entry("home-visit", outcome="Spoke at the door.")], "done", "14 September 2026: Spoke at the door."),
    ("attendance-contract", [], "missing",
     "Nothing is recorded. An Attendance Contract is always explored before a referral: record it, or why there was none."),
    ("attendance-contract", [entry("attendance-contract", contract="offered")], "without-outcome",
     "Offered on 14 September 2026. Record whether it was made, refused or failed."),
    ("attendance-contract", [entry("attendance-contract", contract="made")], "done", "14 September 2026: made."),
    ("attendance-contract", [entry("attendance-contract", contract="refused", outcome="No interest.")], "done",
     "14 September 2026: refused. No interest."),
    ("attendance-contract", [entry("attendance-contract", contract="made"), entry("attendance-contract", "2026-10-05", contract="failed")],
     "done", "5 October 2026: failed."),
    ("attendance-contract", [entry("attendance-contract", not_done_because="A holiday.")], "not-done",
     "Not done, because: A holiday. (14 September 2026)"),
    ("early-help", [entry("team-around-the-family", outcome="Held.")], "done", "14 September 2026: Held."),
    ("attendance-champion-view", [entry("attendance-champion-view", outcome="Refer.")], "done", "14 September 2026: Refer."),
]  # fmt: skip


def assessed(entries, pack="essex", last=None):
    log = [LoggedEntry(uuid4(), each) for each in entries]
    return assess_log(log, FIRST, last, PACKS[pack], TODAY)


@pytest.mark.parametrize(("item", "entries", "state", "words"), ROWS)
def test_an_item_of_the_checklist_has_an_outcome_or_a_why_not_or_is_missing(item, entries, state, words):
    (found,) = [each for each in assessed(entries).items if each.item == item]

    assert (found.state, found.words) == (state, words)


ALIKE = [
    # entries, what is alike
    ([entry("meeting", offered_for=date(2026, 9, 17), offered_at=time(15, 30), way="school"),
      entry("meeting", offered_for=date(2026, 9, 24), offered_at=time(15, 30), way="school")],
     ["Offered 2 times for a Thursday at 15:30, by the same way (17 September 2026, 24 September 2026). Offer another day, hour or way."]),
    ([entry("meeting", offered_for=date(2026, 9, 17), offered_at=time(15, 30), way="school"),
      entry("home-visit", offered_for=date(2026, 9, 24), offered_at=time(15, 30), way="home")], []),
    ([entry("meeting", offered_for=date(2026, 9, 17), offered_at=time(15, 30), way="school"),
      entry("meeting", offered_for=date(2026, 9, 25), offered_at=time(15, 30), way="school")], []),
    ([entry("meeting", offered_for=date(2026, 9, 17), offered_at=time(15, 30), way="school"),
      entry("meeting", offered_for=date(2026, 9, 24), offered_at=time(15, 31), way="school")], []),
    ([entry("meeting", offered_for=date(2026, 9, 17), way="school"), entry("meeting", offered_for=date(2026, 9, 24), way="school")], []),
    ([entry("letter", notes="Dear parent,  come."), entry("letter", "2026-09-21", notes="dear parent, come.")],
     ["2 letters have the same words (14 September 2026, 21 September 2026). Write to this family about what is known of them."]),
    ([entry("letter", notes="Dear parent, come."), entry("call", "2026-09-21", notes="Dear parent, come.")], []),
    ([entry("letter", notes="Dear parent, come."), entry("e-mail", "2026-09-15", notes="Dear parent, come.")],
     ["2 letters have the same words (14 September 2026, 15 September 2026). Write to this family about what is known of them."]),
    ([entry("letter", notes="Dear parent, come."), entry("letter", "2026-09-21", notes="Dear parent, come!")], []),
    # One letter to each parent, or one invitation to each, is no repetition.
    ([entry("letter", notes="Dear parent, come."), entry("letter", notes="Dear parent, come.")], []),
    ([entry("meeting", offered_for=date(2026, 9, 17), offered_at=time(15, 30), way="school"),
      entry("meeting", offered_for=date(2026, 9, 17), offered_at=time(15, 30), way="school")], []),
    # Nothing was written.
    ([entry("letter", notes="Considered.", not_done_because="Abroad."),
      entry("letter", "2026-09-21", notes="Considered.", not_done_because="Abroad.")], []),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "alike"), ALIKE)
def test_identical_offers_and_identical_letters_are_flagged(entries, alike):
    found = assessed(entries).alike

    assert [each.words for each in found] == alike
    assert all(len(each.entry_ids) == len(entries) for each in found)


@pytest.mark.parametrize(
    ("kind", "made_on", "files", "flagged"),
    [
        ("letter", "2026-09-21", {b"a", b"b"}, True),
        ("e-mail", "2026-09-21", {b"a"}, True),
        ("letter", "2026-09-14", {b"a"}, False),
        ("letter", "2026-09-21", {b"b"}, False),
        ("meeting", "2026-09-21", {b"a"}, False),
    ],
)
def test_letters_with_the_same_file_are_flagged(kind, made_on, files, flagged):
    first = LoggedEntry(uuid4(), entry("letter", notes="The first letter."), files=frozenset({b"a"}))
    second = LoggedEntry(uuid4(), entry(kind, made_on, notes="The second letter."), files=frozenset(files))
    alike = assess_log([first, second], FIRST, None, PACKS["essex"], TODAY).alike

    assert [each.words for each in alike] == (
        ["The same file is attached to 2 letters (14 September 2026, 21 September 2026). Write to this family about what is known of them."]
        if flagged
        else []
    )


def test_letters_that_have_the_same_words_and_the_same_file_are_flagged_once():
    log = [LoggedEntry(uuid4(), entry("letter", day), files=frozenset({b"a"})) for day in ("2026-09-14", "2026-09-21")]

    assert len(assess_log(log, FIRST, None, PACKS["essex"], TODAY).alike) == 1


def test_an_attendance_contract_is_an_item_where_the_authority_s_checklist_leaves_it_out():
    contact_only = replace(PACKS["essex"].history["support_checklist"][-1], value=["contact"])
    law = replace(PACKS["essex"], history={**PACKS["essex"].history, "support_checklist": (contact_only,)})
    found = assess_log([LoggedEntry(uuid4(), entry("call", outcome="No reply."))], FIRST, None, law, TODAY)

    assert [(each.item, each.state) for each in found.items] == [("contact", "done"), ("attendance-contract", "missing")]
    assert (found.complete, found.findings[0].facts["lacking"]) == (False, ["attendance-contract"])


def test_a_log_is_complete_once_every_item_has_an_outcome_or_a_why_not():
    items = assessed([]).items
    answered = [entry(each.kinds[0], not_done_because="A holiday.") for each in items]

    assert assessed(answered).complete
    for number in range(len(answered)):
        assert not assessed(answered[:number] + answered[number + 1 :]).complete


def test_the_log_of_a_closed_case_ends_with_its_last_day():
    held = [entry("meeting", "2026-10-02", outcome="Agreed.")]

    states = {
        last: {each.item: each.state for each in assessed(held, last=last).items}["meeting"]
        for last in (date(2026, 10, 1), date(2026, 10, 2))
    }

    assert states == {date(2026, 10, 1): "missing", date(2026, 10, 2): "done"}


def test_an_attendance_contract_is_on_the_checklist_of_every_authority():
    for pack in PACKS:
        assert "attendance-contract" in [each.item for each in assessed([], pack).items], pack
