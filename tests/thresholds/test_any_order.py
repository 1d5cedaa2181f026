"""Whatever the order of arrival: late, repeated and amended facts end in the same state, the one that the prose gives."""

from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.thresholds.consumers import consumers
from services.thresholds.repository.pupils import load
from services.thresholds.use_cases import judgements
from services.thresholds.use_cases.judging import STATUTES, settle
from services.thresholds.use_cases.judging import policies as packs
from shared.contracts.thresholds import ThresholdMet, ThresholdWithdrawn
from shared.database import Transaction
from shared.ids import new_id
from shared.messaging.consumers import receive
from shared.testing import outbox
from shared.testing.services import message_of
from tests.thresholds.builders import policies
from tests.thresholds.reference import World, judged
from tests.thresholds.shell import Shell
from tests.thresholds.streams import shuffled, told
from tests.thresholds.worlds import worlds

KEPT = ("status", "count", "met_at", "window", "sessions", "counting", "holiday")


def as_stored(want: dict[str, Any]) -> dict[str, Any]:
    """Return the reference's answer as the service stores it."""

    def session(each: tuple[Any, ...]) -> dict[str, Any]:
        return {"date": str(each[0]), "session": each[1]}

    return {
        **want,
        "met_at": want["met_at"] and session(want["met_at"]),
        "window": want["window"] and {"from": str(want["window"][0]), "to": str(want["window"][1])},
        "sessions": [{**session(each), "urn": each[2], "code": each[3]} for each in want["sessions"]],
        "counting": [{**session(each), "urn": each[2], "code": each[3]} for each in want["counting"]],
    }


def comparable(judgement: dict[str, Any]) -> dict[str, Any]:
    """Return a stored judgement without versions, and without what the reference does not give."""
    kept = {name: judgement[name] for name in KEPT}
    for name in ("sessions", "counting"):
        kept[name] = [{key: each[key] for key in ("date", "session", "urn", "code")} for each in kept[name]]
    return kept


@settings(max_examples=25, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.integers(0, 2**32))
async def test_any_order_of_arrival_ends_where_the_prose_does(tx: Transaction, world: World, seed: int):
    chance, pupil = Random(seed), new_id()
    world.default_pack = packs()("000").pack
    savepoint = await tx.begin_nested()

    for batch in shuffled(told(world, pupil, chance), chance):
        await receive(tx, consumers, [message_of(event) for event in batch])

    run_id = (await tx.execute(text("SELECT run_id FROM pupils WHERE id = :id"), {"id": pupil})).scalar_one()
    judgement = (await judgements(tx, [pupil]))[pupil]
    changed_by_judging_again = await settle(tx, await load(tx, [pupil]))
    said = [each for each in await outbox(tx) if isinstance(each, ThresholdMet | ThresholdWithdrawn)]
    await savepoint.rollback()
    assert changed_by_judging_again == 0
    assert comparable(dict(judgement)) == as_stored(judged(world))
    assert (run_id is not None) == (judgement["status"] == "met")
    runs_are_orderly(said, run_id)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.integers(0, 2**32))
def test_any_order_of_arrival_ends_where_the_prose_does_also_in_memory(world: World, seed: int):
    chance, pupil = Random(seed), new_id()
    one, other = Shell(pupil, policies(world.default_pack)), Shell(pupil, policies(world.default_pack))
    events = told(world, pupil, chance)

    for shell in (one, other):
        for batch in shuffled(events, chance):
            for event in batch:
                shell.arrives(event)

    want = as_stored(judged(world))
    for shell in (one, other):
        assert comparable(shell.judgement) == want
        runs = {step.run_id: [each for each in shell.steps if each.run_id == step.run_id] for step in shell.steps}
        assert all([each.revision for each in run] == list(range(1, len(run) + 1)) for run in runs.values())
        assert sum(run[-1].step == "met" for run in runs.values()) == (want["status"] == "met")
    assert one.judgement == other.judgement  # versions, flags and findings too


def runs_are_orderly(said: list[ThresholdMet | ThresholdWithdrawn], open_run: Any) -> None:
    """Revisions of a run count from 1, nothing follows its withdrawal, and the run that is open is the one last said."""
    by_run: dict[Any, list[ThresholdMet | ThresholdWithdrawn]] = {}
    for each in said:
        by_run.setdefault(each.run_id, []).append(each)
    for run in by_run.values():
        assert [each.revision for each in run] == list(range(1, len(run) + 1))
        assert all(isinstance(each, ThresholdMet) for each in run[:-1])
    if open_run:
        assert said[-1].run_id == open_run
        assert isinstance(said[-1], ThresholdMet)


def test_both_packs_are_there():
    assert set(STATUTES.packs) == {"essex", "england"}
