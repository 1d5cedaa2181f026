"""Whatever the order of arrival: late, repeated and amended facts end in the same state, the one that the prose gives."""

from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.thresholds.consumers import consumers
from services.thresholds.repository.pupils import load_pupils
from services.thresholds.use_cases.judging import STATUTES, judge_and_publish
from services.thresholds.use_cases.judging import policies as packs
from services.thresholds.use_cases.standings import judgements
from shared.contracts.event import Event
from shared.contracts.penalties import CaseClosed
from shared.contracts.thresholds import ThresholdMet, ThresholdWithdrawn
from shared.database import Transaction
from shared.ids import new_id
from shared.messaging.consumers import receive
from tests.support import outbox
from tests.support.examples import examples
from tests.support.services import message_of
from tests.thresholds.builders import policies
from tests.thresholds.in_memory import InMemoryThresholds
from tests.thresholds.reference import World, judged
from tests.thresholds.streams import events_of, shuffled
from tests.thresholds.worlds import in_reference_terms, worlds


@settings(max_examples=examples(25), phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.integers(0, 2**32))
async def test_events_in_any_order_end_in_the_judgement_of_the_reference(tx: Transaction, world: World, seed: int):
    chance, pupil = Random(seed), new_id()
    world.default_pack = packs()("000").pack
    savepoint = await tx.begin_nested()

    for batch in shuffled(events_of(world, pupil, chance), chance):
        # One by one where a case is closed: which runs there are must be known by then.
        for part in [[event] for event in batch] if any(isinstance(event, CaseClosed) for event in batch) else [batch]:
            await receive(tx, consumers, [message_of(each) for event in part for each in await with_every_case_closed(tx, event)])

    run_id = (await tx.execute(text("SELECT run_id FROM pupils WHERE id = :id"), {"id": pupil})).scalar_one()
    judgement = (await judgements(tx, [pupil]))[pupil]
    changed_by_judging_again = await judge_and_publish(tx, await load_pupils(tx, [pupil]))
    published = [each for each in await outbox(tx) if isinstance(each, ThresholdMet | ThresholdWithdrawn)]
    await savepoint.rollback()
    assert changed_by_judging_again == 0
    assert in_reference_terms(judgement) == judged(world)
    assert (run_id is not None) == (judgement.status == "met")
    runs_are_orderly(published, run_id)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.integers(0, 2**32))
def test_events_in_any_order_end_in_the_judgement_of_the_reference_also_in_memory(world: World, seed: int):
    chance, pupil = Random(seed), new_id()
    one, other = InMemoryThresholds(pupil, policies(world.default_pack)), InMemoryThresholds(pupil, policies(world.default_pack))
    events = events_of(world, pupil, chance)

    for service in (one, other):
        for batch in shuffled(events, chance):
            for event in batch:
                service.arrives(event)

    want = judged(world)
    for service in (one, other):
        assert in_reference_terms(service.judgement) == want
        runs = {step.run_id: [each for each in service.steps if each.run_id == step.run_id] for step in service.steps}
        assert all([each.revision for each in run] == list(range(1, len(run) + 1)) for run in runs.values())
        assert sum(run[-1].step == "met" for run in runs.values()) == (want["status"] == "met")
    assert one.judgement == other.judgement  # versions, flags and findings too


async def with_every_case_closed(tx: Transaction, event: Event) -> list[Event]:
    """Return the event; where it closes a case, one for each case of the child so far.

    What another open case holds is not set aside, so that it would depend on which cases there were by then.
    """
    if not isinstance(event, CaseClosed):
        return [event]
    runs = {each.run_id for each in await outbox(tx) if isinstance(each, ThresholdMet)}
    return [event, *(event.model_copy(update={"case_id": new_id(), "run_id": run_id}) for run_id in runs)]


def runs_are_orderly(published: list[ThresholdMet | ThresholdWithdrawn], open_run: Any) -> None:
    """Revisions of a run begin with 1 and grow, its withdrawal is followed by nothing but its going on, and the open run is the one last published."""
    by_run: dict[Any, list[ThresholdMet | ThresholdWithdrawn]] = {}
    for each in published:
        by_run.setdefault(each.run_id, []).append(each)
    for run in by_run.values():
        assert run[0].revision == 1
        assert all(before.revision < after.revision for before, after in pairwise(run))
        assert isinstance(run[0], ThresholdMet)
        assert all(isinstance(before, ThresholdMet) or isinstance(after, ThresholdMet) for before, after in pairwise(run))
    if open_run:
        assert published[-1].run_id == open_run
        assert isinstance(published[-1], ThresholdMet)


def test_both_policy_packs_are_loaded():
    assert set(STATUTES.packs) == {"essex", "england"}
