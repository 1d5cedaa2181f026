"""Two records of one child (an officer merged them) are judged as though all had been sent under one, in any order, until the merger is undone."""

from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.thresholds.consumers import consumers
from services.thresholds.repository.pupils import load_pupils
from services.thresholds.use_cases.judging import judge_and_publish
from services.thresholds.use_cases.judging import policies as packs
from services.thresholds.use_cases.recomputation import find_stale_standings
from services.thresholds.use_cases.standings import judgements
from shared.attendance.identities import merged_records
from shared.contracts.event import Event
from shared.contracts.registers import CalendarChanged, RollChanged, SessionRecorded
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdMet, ThresholdWithdrawn
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.messaging.consumers import receive
from tests.support import ApiClient
from tests.support.examples import examples
from tests.support.services import message_of
from tests.thresholds.builders import A, B, C, full_days
from tests.thresholds.events import OTHER, PUPIL, UPN, Story, absences, calendars_a, closed, enrolled, issued, recorded, relied
from tests.thresholds.reference import World, judged
from tests.thresholds.streams import events_of, shuffled
from tests.thresholds.worlds import in_reference_terms, worlds

FIRST, SECOND = full_days("2026-09-14", "2026-09-16"), full_days("2026-09-21", "2026-09-22")
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
    story = Story(database)
    await story.arrives(enrolled(AT_C), *calendars_a(), *calendars_a(C))
    yield story
    assert await find_stale_standings(database) == []


@pytest.fixture
async def apart(story: Story):
    """Two records, six sessions and four."""
    await story.arrives(other_record(1, None), *absences_of_both())
    return story


async def test_two_records_of_one_child_meet_the_threshold_between_them(apart: Story):
    (met,) = await apart.arrives(other_record())

    assert isinstance(met, ThresholdMet)
    assert (met.pupil_id, [each.urn for each in met.sessions]) == (PUPIL, [A] * 6 + [C] * 4)


async def test_marks_that_come_later_count_on_whichever_record_they_come(story: Story):
    published: list[Any] = await story.arrives(other_record(), *absences_of_both())

    assert [(type(each), each.pupil_id) for each in published][-1] == (ThresholdMet, PUPIL)


async def test_each_record_has_its_own_marks_again_after_an_undone_merger(apart: Story):
    await apart.arrives(other_record())

    published: list[Any] = await apart.arrives(recorded(FIRST[0], "I", A, version=2, before="O", pupil=OTHER), other_record(3, None))

    assert [(type(each), each.pupil_id) for each in published] == [(ThresholdWithdrawn, PUPIL)] * 2
    assert (published[0].own, published[1].own.urn, len(published[1].own.sessions)) == (None, C, 4)
    async with apart.database.begin() as tx:
        found = await judgements(tx, [PUPIL, OTHER])
    assert (found[PUPIL].count, found[OTHER].count) == (4, 5)


async def test_a_threshold_met_on_the_record_that_gives_way_is_met_by_the_child(story: Story):
    ten = [recorded(each, "O", A, pupil=OTHER) for each in full_days("2026-09-14", "2026-09-18")]
    first: Any
    *_, first = await story.arrives(other_record(1, None), *ten)

    published: list[Any] = await story.arrives(other_record())

    assert first.pupil_id == OTHER
    assert sorted((type(each).__name__, each.pupil_id) for each in published) == [("ThresholdMet", PUPIL), ("ThresholdWithdrawn", OTHER)]


async def test_sessions_spent_by_a_notice_on_either_record_are_spent_for_the_child(apart: Story):
    spent = issued(FIRST[:2]).model_copy(update={"pupil_id": OTHER})

    assert await apart.arrives(other_record(), spent) != []

    async with apart.database.begin() as tx:
        judgement = (await judgements(tx, [PUPIL]))[PUPIL]
    assert (judgement.status, judgement.count) == ("approaching", 8)


async def test_a_case_closed_on_either_record_sets_aside_the_child_s_sessions(apart: Story):
    met: Any
    (met,) = await apart.arrives(other_record())

    await apart.arrives(closed(met.run_id, "2026-09-22", pupil=OTHER))

    async with apart.database.begin() as tx:
        judgement = (await judgements(tx, [PUPIL]))[PUPIL]
    assert (judgement.status, judgement.count) == ("below", 0)


async def test_an_amendment_on_one_record_is_published_for_a_notice_about_the_other(apart: Story):
    await apart.arrives(other_record(), issued(FIRST))

    published = await apart.arrives(recorded(FIRST[0], "I", A, version=2, before="O", pupil=OTHER))

    assert [(each.pupil_id, each.urn, each.code) for each in published if isinstance(each, ReliedOnMarkChanged)] == [(PUPIL, A, "I")]


async def test_a_notice_on_merged_records_loses_the_other_records_sessions_after_an_undone_merger(apart: Story):
    await apart.arrives(other_record(), issued([*FIRST, *SECOND]))

    published = await apart.arrives(other_record(3, None))

    changed = [each for each in published if isinstance(each, ReliedOnMarkChanged)]
    assert [(each.date, each.session, each.pupil_id, each.lost) for each in changed] == [(*each, PUPIL, "off-roll") for each in FIRST]
    async with apart.database.begin() as tx:
        found = await judgements(tx, [PUPIL, OTHER])
    assert (found[PUPIL].count, found[OTHER].count) == (0, 6)


async def test_an_undone_merger_takes_a_schools_marks_from_a_notice_except_those_on_both_records(story: Story):
    both = FIRST[0]
    at_c = (C, "2025-09-01", None)
    marks = [recorded(each, "O", C, pupil=OTHER) for each in FIRST], [recorded(each, "O", C) for each in (both, *SECOND)]
    await story.arrives(other_record(spell=at_c), enrolled(at_c, revision=2), *marks[0], *marks[1])
    notice = issued([]).model_copy(update={"sessions": relied([*FIRST, *SECOND], urn=C)})
    await story.arrives(notice, closed(new_id(), "2026-09-15"))

    published = await story.arrives(other_record(3, None, spell=at_c))

    changed = [each for each in published if isinstance(each, ReliedOnMarkChanged)]
    assert [(each.date, each.session, each.pupil_id, each.previous_code, each.code) for each in changed] == [
        (*each, PUPIL, "O", "-") for each in FIRST[1:]
    ]


async def test_schools_that_disagree_about_a_session_are_seen_across_records(story: Story, api: ApiClient):
    both = (A, "2025-09-01", None)
    await story.arrives(other_record(spell=both), enrolled((C, "2025-09-01", None), revision=2))
    await story.arrives(recorded(FIRST[0], "/", A, pupil=OTHER, dual=True), recorded(FIRST[0], "O", C, dual=True))

    found = (await api.as_("manager").get(f"/v1/pupils/{UPN}/threshold")).json()

    marks = [{"urn": A, "code": "/"}, {"urn": C, "code": "O"}]
    assert (found["count"], found["disagreements"]) == (0, [{"date": f"{FIRST[0].date}", "session": FIRST[0].half, "marks": marks}])


@pytest.mark.parametrize("seed", range(6))
async def test_a_schools_two_marks_of_one_session_count_only_if_both_do(database: Database, api: ApiClient, seed: int):
    """The school had the child on both records: whichever mark arrives first, and whatever its version."""
    published = [
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
    Random(seed).shuffle(published)
    story = Story(database)

    await story.arrives(*published)

    found = (await api.as_("manager").get(f"/v1/pupils/{TEMPORARY}/threshold")).json()
    assert [(each["date"], each["session"]) for each in found["counting"]] == [("2026-09-15", "AM")]
    assert await find_stale_standings(database) == []


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


@settings(max_examples=examples(25), phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.integers(0, 2**32))
async def test_events_on_two_records_end_in_the_judgement_of_the_reference(tx: Transaction, world: World, seed: int):
    chance, child = Random(seed), new_id()
    world.default_pack = packs()("000").pack
    savepoint = await tx.begin_nested()

    events = on_two_records(events_of(world, child, chance), child, new_id(), chance)
    for batch in shuffled(events, chance):
        await receive(tx, consumers, [message_of(event) for event in batch])

    judgement = (await judgements(tx, [child]))[child]
    child_of = await merged_records(tx, [child])
    changed_by_judging_again = await judge_and_publish(tx, await load_pupils(tx, {child, *child_of}, child_of))
    await savepoint.rollback()
    assert changed_by_judging_again == 0
    assert len(child_of) == 1
    assert in_reference_terms(judgement) == judged(world)


def on_two_records(events: list[Any], child: UUID, other: UUID, chance: Random) -> list[Event]:
    """Return the same events, those of some schools on another record of the child, which was a child of its own or of somebody else before."""
    there = set(chance.sample((A, B, C), chance.randint(1, 2)))
    split: list[Any] = []
    for event in events:
        if isinstance(event, SessionRecorded):
            marks = tuple(
                mark.model_copy(update={"pupil_id": other}) if mark.pupil_id == child and event.school in there else mark
                for mark in event.marks
            )
            split.append(event.model_copy(update={"marks": marks}))
        elif isinstance(event, RollChanged):
            mine = tuple(spell for spell in event.rolls if spell.urn not in there)
            theirs = tuple(spell for spell in event.rolls if spell.urn in there)
            whose = child if event.revision == 3 else chance.choice([None, child, new_id()])
            split.append(event.model_copy(update={"rolls": mine}))
            split.append(event.model_copy(update={"rolls": theirs, "pupil_id": other, "upn": event.upn[::-1], "same_as": whose}))
        elif isinstance(event, CalendarChanged):
            split.append(event)
        else:
            split.append(event.model_copy(update={"pupil_id": chance.choice([child, other])}))
    by_notice = {event.notice_id: event.pupil_id for event in split if event.name == "notice-issued"}
    return [
        event.model_copy(update={"pupil_id": by_notice[event.notice_id]}) if event.name == "notice-withdrawn" else event for event in split
    ]
