"""Two records of one child (an officer said so) are judged as though all had been sent under one, in any order, until it is taken back."""

from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.thresholds import use_cases
from services.thresholds.consumers import consumers
from services.thresholds.repository.identities import absorbed
from services.thresholds.repository.pupils import load
from services.thresholds.use_cases.judging import policies as packs
from services.thresholds.use_cases.judging import settle
from shared.contracts.event import Event
from shared.contracts.registers import CalendarChanged, RollChanged, SessionRecorded
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdMet, ThresholdWithdrawn
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.messaging.consumers import receive
from shared.testing import ApiClient
from shared.testing.services import message_of
from tests.thresholds.builders import A, B, C, whole_days
from tests.thresholds.events import OTHER, PUPIL, UPN, Story, absences, calendars_a, closed, enrolled, issued, recorded, relied
from tests.thresholds.reference import World, judged
from tests.thresholds.streams import shuffled, told
from tests.thresholds.test_any_order import as_stored, comparable
from tests.thresholds.worlds import worlds

FIRST, SECOND = whole_days("2026-09-14", "2026-09-16"), whole_days("2026-09-21", "2026-09-22")
TEMPORARY = "X88120002400A"
AT_A, AT_C = (A, "2025-09-01", "2026-09-18"), (C, "2026-09-21", None)


def other_record(revision: int = 2, same_as: UUID | None = PUPIL, spell: tuple[int, str, str | None] = AT_A) -> RollChanged:
    """The record under a temporary UPN, of the same child or not."""
    return enrolled(spell, pupil=OTHER, upn=TEMPORARY, revision=revision).model_copy(update={"same_as": same_as})


def absences_of_both() -> list[Event]:
    """Six sessions on the one record and four on the other."""
    return [*(recorded(each, "O", A, pupil=OTHER) for each in FIRST), *absences(SECOND, urn=C)]


@pytest.fixture
async def story(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-23")
    told = Story(database)
    await told.arrives(enrolled(AT_C), *calendars_a(), *calendars_a(C))
    yield told
    assert await use_cases.stored_that_differ(database) == []


@pytest.fixture
async def apart(story: Story):
    """Two records, six sessions and four."""
    await story.arrives(other_record(1, None), *absences_of_both())
    return story


async def test_together_they_meet_the_threshold(apart: Story):
    (met,) = await apart.arrives(other_record())

    assert isinstance(met, ThresholdMet)
    assert (met.pupil_id, [each.urn for each in met.sessions]) == (PUPIL, [A] * 6 + [C] * 4)


async def test_marks_that_come_later_count_on_whichever_record_they_come(story: Story):
    said: list[Any] = await story.arrives(other_record(), *absences_of_both())

    assert [(type(each), each.pupil_id) for each in said][-1] == (ThresholdMet, PUPIL)


async def test_taken_back_each_has_its_own_again(apart: Story):
    await apart.arrives(other_record())

    said: list[Any] = await apart.arrives(recorded(FIRST[0], "I", A, version=2, before="O", pupil=OTHER), other_record(3, None))

    assert [(type(each), each.pupil_id) for each in said] == [(ThresholdWithdrawn, PUPIL)]
    async with apart.database.begin() as tx:
        found = await use_cases.judgements(tx, [PUPIL, OTHER])
    assert (found[PUPIL]["count"], found[OTHER]["count"]) == (4, 5)


async def test_a_threshold_met_on_the_record_that_gives_way_is_met_by_the_child(story: Story):
    ten = [recorded(each, "O", A, pupil=OTHER) for each in whole_days("2026-09-14", "2026-09-18")]
    first: Any
    *_, first = await story.arrives(other_record(1, None), *ten)

    said: list[Any] = await story.arrives(other_record())

    assert first.pupil_id == OTHER
    assert sorted((type(each).__name__, each.pupil_id) for each in said) == [("ThresholdMet", PUPIL), ("ThresholdWithdrawn", OTHER)]


async def test_what_a_notice_on_either_record_spent_is_spent_for_the_child(apart: Story):
    spent = issued(FIRST[:2]).model_copy(update={"pupil_id": OTHER})

    assert await apart.arrives(other_record(), spent) != []

    async with apart.database.begin() as tx:
        judgement = (await use_cases.judgements(tx, [PUPIL]))[PUPIL]
    assert (judgement["status"], judgement["count"]) == ("approaching", 8)


async def test_a_case_closed_on_either_record_sets_aside_the_child_s_sessions(apart: Story):
    met: Any
    (met,) = await apart.arrives(other_record())

    await apart.arrives(closed(met.run_id, "2026-09-22", pupil=OTHER))

    async with apart.database.begin() as tx:
        judgement = (await use_cases.judgements(tx, [PUPIL]))[PUPIL]
    assert (judgement["status"], judgement["count"]) == ("below", 0)


async def test_an_amendment_on_one_record_shakes_a_notice_about_the_other(apart: Story):
    await apart.arrives(other_record(), issued(FIRST))

    said = await apart.arrives(recorded(FIRST[0], "I", A, version=2, before="O", pupil=OTHER))

    assert [(each.pupil_id, each.urn, each.code) for each in said if isinstance(each, ReliedOnMarkChanged)] == [(PUPIL, A, "I")]


async def test_a_notice_issued_while_they_were_one_stays_with_its_record_and_stops_for_what_is_the_other_s(apart: Story):
    await apart.arrives(other_record(), issued([*FIRST, *SECOND]))

    said = await apart.arrives(other_record(3, None))

    shaken = [each for each in said if isinstance(each, ReliedOnMarkChanged)]
    assert [(each.date, each.session, each.pupil_id, each.lost) for each in shaken] == [(*each, PUPIL, "off-roll") for each in FIRST]
    async with apart.database.begin() as tx:
        found = await use_cases.judgements(tx, [PUPIL, OTHER])
    assert (found[PUPIL]["count"], found[OTHER]["count"]) == (0, 6)


async def test_what_one_school_marked_on_the_other_s_record_stops_the_notice_too_and_what_it_marked_on_both_does_not(story: Story):
    both = FIRST[0]
    at_c = (C, "2025-09-01", None)
    marks = [recorded(each, "O", C, pupil=OTHER) for each in FIRST], [recorded(each, "O", C) for each in (both, *SECOND)]
    await story.arrives(other_record(spell=at_c), enrolled(at_c, revision=2), *marks[0], *marks[1])
    notice = issued([]).model_copy(update={"sessions": relied([*FIRST, *SECOND], urn=C)})
    await story.arrives(notice, closed(new_id(), "2026-09-15"))

    said = await story.arrives(other_record(3, None, spell=at_c))

    shaken = [each for each in said if isinstance(each, ReliedOnMarkChanged)]
    assert [(each.date, each.session, each.pupil_id, each.previous_code, each.code) for each in shaken] == [
        (*each, PUPIL, "O", "-") for each in FIRST[1:]
    ]


async def test_schools_that_disagree_about_a_session_are_seen_across_records(story: Story, api: ApiClient):
    both = (A, "2025-09-01", None)
    await story.arrives(other_record(spell=both), enrolled((C, "2025-09-01", None), revision=2))
    await story.arrives(recorded(FIRST[0], "/", A, pupil=OTHER, dual=True), recorded(FIRST[0], "O", C, dual=True))

    found = (await api.as_("manager").get(f"/v1/pupils/{UPN}/threshold")).json()

    assert (found["count"], [[mark["urn"] for mark in each["marks"]] for each in found["disagreements"]]) == (0, [[A, C]])


@pytest.mark.parametrize("seed", range(6))
async def test_one_school_s_two_marks_of_a_session_do_not_count_unless_both_do(database: Database, api: ApiClient, seed: int):
    """The school had the child on both records: whichever mark arrives first, and whatever its version."""
    said = [
        recorded(FIRST[0], "O", A, pupil=OTHER),
        recorded(FIRST[0], "I", A, version=3, before="U"),
        recorded(FIRST[1], "L", A, version=2, before="O", pupil=OTHER),
        recorded(FIRST[1], "O", A, version=3, before="G"),
        recorded(FIRST[2], "O", A, pupil=OTHER),
        recorded(FIRST[2], "O", A),
        other_record(spell=(A, "2025-09-01", None)),
        enrolled((A, "2025-09-01", None), revision=2),
        *calendars_a(),
    ]
    Random(seed).shuffle(said)
    story = Story(database)

    await story.arrives(*said)

    found = (await api.as_("manager").get(f"/v1/pupils/{TEMPORARY}/threshold")).json()
    assert [(each["date"], each["session"]) for each in found["counting"]] == [("2026-09-15", "AM")]
    assert await use_cases.stored_that_differ(database) == []


async def test_either_upn_and_either_school_finds_the_child_once(apart: Story, api: ApiClient):
    await apart.arrives(other_record(spell=(A, "2025-09-01", None)))

    by_either = [(await api.as_("school", schools=[A]).get(f"/v1/pupils/{upn}/threshold")).json() for upn in (UPN, TEMPORARY)]

    assert by_either[0] == by_either[1]
    assert (by_either[0]["pupil_id"], by_either[0]["upn"], by_either[0]["status"]) == (str(PUPIL), UPN, "met")
    assert (await api.as_("school", schools=[B]).get(f"/v1/pupils/{UPN}/threshold")).status_code == 403
    for query in ("", f"?urn={A}", f"?urn={C}", "?status=met"):
        listed = (await api.as_("manager").get(f"/v1/thresholds{query}")).json()["items"]
        assert [each["pupil_id"] for each in listed] == [str(PUPIL)], query
    period = f"/v1/pupils/{TEMPORARY}/judged?from=2026-09-14&to=2026-09-22"
    assert len((await api.as_("service").get(period)).json()["marks"]) == 10
    assert (await api.as_("manager").post("/v1/thresholds/recomputations", {"urn": A})).json()["changed"] == 0


@settings(max_examples=25, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.integers(0, 2**32))
async def test_a_world_told_on_two_records_ends_where_the_prose_does(tx: Transaction, world: World, seed: int):
    chance, child = Random(seed), new_id()
    world.default_pack = packs()("000").pack
    savepoint = await tx.begin_nested()

    events = on_two_records(told(world, child, chance), child, new_id(), chance)
    for batch in shuffled(events, chance):
        await receive(tx, consumers, [message_of(event) for event in batch])

    judgement = (await use_cases.judgements(tx, [child]))[child]
    of = await absorbed(tx, [child])
    changed_by_judging_again = await settle(tx, await load(tx, {child, *of}, (), of))
    await savepoint.rollback()
    assert changed_by_judging_again == 0
    assert len(of) == 1
    assert comparable(dict(judgement)) == as_stored(judged(world))


def on_two_records(events: list[Any], child: UUID, other: UUID, chance: Random) -> list[Event]:
    """Return the same events, those of some schools on another record of the child, which was a child of its own or of somebody else before."""
    there = set(chance.sample((A, B, C), chance.randint(1, 2)))
    told: list[Any] = []
    for event in events:
        if isinstance(event, SessionRecorded):
            marks = tuple(
                mark.model_copy(update={"pupil_id": other}) if mark.pupil_id == child and event.school in there else mark
                for mark in event.marks
            )
            told.append(event.model_copy(update={"marks": marks}))
        elif isinstance(event, RollChanged):
            mine = tuple(spell for spell in event.rolls if spell.urn not in there)
            theirs = tuple(spell for spell in event.rolls if spell.urn in there)
            whose = child if event.revision == 3 else chance.choice([None, child, new_id()])
            told.append(event.model_copy(update={"rolls": mine}))
            told.append(event.model_copy(update={"rolls": theirs, "pupil_id": other, "upn": event.upn[::-1], "same_as": whose}))
        elif isinstance(event, CalendarChanged):
            told.append(event)
        else:
            told.append(event.model_copy(update={"pupil_id": chance.choice([child, other])}))
    by_notice = {event.notice_id: event.pupil_id for event in told if event.name == "notice-issued"}
    return [
        event.model_copy(update={"pupil_id": by_notice[event.notice_id]}) if event.name == "notice-withdrawn" else event for event in told
    ]
