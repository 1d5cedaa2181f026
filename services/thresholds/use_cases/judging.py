"""Judge pupils, store where they stand and publish what changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from uuid import UUID

from services.thresholds.domain.facts import Policies, Schools
from services.thresholds.domain.judgement import Judgement
from services.thresholds.domain.pupils import Pupil, advance_pupil, judge_pupil
from services.thresholds.domain.reliance import NO_MARK, MarkChange
from services.thresholds.domain.runs import PUBLISHED_STEPS, Progress, RunStep, Standing, asks_for_earlier_runs
from services.thresholds.domain.weeks import SchoolWeeksOf, school_weeks_of
from services.thresholds.repository import runs, state
from services.thresholds.repository.schools import load_schools
from services.thresholds.use_cases import publishing
from shared.attendance.law import load_statutes
from shared.contracts.event import Event
from shared.contracts.thresholds import OwnCrossing, ReliedOnMarkChanged
from shared.database import Transaction
from shared.ids import derived_id, new_id
from shared.messaging import publish_many
from shared.settings import settings

STATUTES = load_statutes(Path(__file__).parents[1] / "law")

FEWEST_THAT_MATTER = min(
    provision.value
    for law in STATUTES.packs.values()
    for name in ("approaching_sessions", "threshold_sessions")
    for provision in law.history[name]
)
"""The least number of absences in a window from which anything follows under any pack: with fewer a pupil is below."""
LONGEST_WINDOW = max(provision.value for law in STATUTES.packs.values() for provision in law.history["window_weeks"])
"""The longest window of any pack, in school weeks."""

BATCH_SIZE = 100
"""Pupils whose judgements are in memory together: a pupil's takes up to a hundred kilobytes until it is stored and published."""


_DEFERRED: ContextVar[bool] = ContextVar("judging is deferred", default=False)


@contextmanager
def judging_deferred() -> Iterator[None]:
    """Let what runs within store facts and publish changes of marks relied on, and judge nobody: the runs are not there yet."""
    token = _DEFERRED.set(True)
    try:
        yield
    finally:
        _DEFERRED.reset(token)


def is_judging_deferred() -> bool:
    """Return whether nobody is judged now."""
    return _DEFERRED.get()


async def schools_of(tx: Transaction, pupils: Iterable[Pupil]) -> Schools:
    """Return the sessions that these pupils' schools held, and those of the schools that they continue."""
    return await load_schools(tx, {spell.urn for pupil in pupils if pupil.roll for spell in pupil.roll.spells})


def policies() -> Policies:
    """Return the packs, an authority's own or the installation's."""
    return partial(STATUTES.for_authority, default=settings().policy)


async def judge_and_publish(
    tx: Transaction,
    pupils: Sequence[Pupil],
    changes: Mapping[UUID, Sequence[MarkChange]] | None = None,
    schools: Schools | None = None,
    own: Mapping[UUID, OwnCrossing] | None = None,
) -> int:
    """Judge pupils, store where they now stand, and publish what changed; return how many stand otherwise than before.

    The pupils are locked, so that the order of the events is the order of the facts. `changes`: to marks relied on, published first.
    `schools`: the pupils' schools, where they were loaded before. `own`: what of a run that is withdrawn is the pupil's own, after a separation.
    """
    schools = schools or await schools_of(tx, pupils)
    weeks_of = school_weeks_of(schools.years)
    batches = [pupils[first : first + BATCH_SIZE] for first in range(0, len(pupils), BATCH_SIZE)]
    return sum([await _judge_batch(tx, batch, changes or {}, schools, weeks_of, own or {}) for batch in batches])


async def _judge_batch(
    tx: Transaction,
    pupils: Iterable[Pupil],
    changes: Mapping[UUID, Sequence[MarkChange]],
    schools: Schools,
    weeks_of: SchoolWeeksOf,
    own: Mapping[UUID, OwnCrossing],
) -> int:
    packs = policies()
    standings: dict[UUID, Standing] = {}
    steps: list[tuple[UUID, RunStep, Judgement]] = []
    events: list[Event] = []
    mark_changes: list[ReliedOnMarkChanged] = []
    moved: list[tuple[Pupil, Progress]] = []
    for pupil in pupils:
        changed = [publishing.mark_changed(pupil.id, change, await _loss_id(tx, pupil.id, change)) for change in changes.get(pupil.id, ())]
        mark_changes += changed
        events += changed
        if is_judging_deferred():
            continue
        if (progress := judge_pupil(pupil, schools, packs, new_id(), weeks_of)) and progress.standing != pupil.standing:
            moved.append((pupil, progress))
    earlier = await runs.earlier_runs(tx, [pupil.id for pupil, progress in moved if asks_for_earlier_runs(pupil.standing, progress)])
    for pupil, found in moved:
        progress = advance_pupil(pupil, found.judgement, new_id(), earlier[pupil.id]) if pupil.id in earlier else found
        standings[pupil.id] = progress.standing
        steps += [(pupil.id, step, progress.judgement) for step in progress.steps]
        events += [
            publishing.run_step(pupil.id, step, progress.judgement, pupil.standing.judgement, own.get(pupil.id))
            for step in progress.steps
            if step.step in PUBLISHED_STEPS
        ]
        if progress.approaching:
            events.append(publishing.threshold_approaching(pupil.id, progress.judgement, progress.standing.approaches))
    await runs.store_standings(tx, standings)
    await runs.add_run_steps(tx, steps)
    await state.add_mark_changes(tx, [(new_id(), each.pupil_id, each.model_dump_json()) for each in mark_changes])
    await publish_many(tx, events)
    return len(standings)


async def _loss_id(tx: Transaction, pupil_id: UUID, change: MarkChange) -> UUID | None:
    """Return the id of a loss: by how many there were of the session before, so that from an old copy it is the same again."""
    if not change.lost and change.code != NO_MARK:
        return None
    before = await state.count_lost(tx, pupil_id, change.urn, change.session)
    return derived_id(pupil_id, "loss", change.urn, change.session.date, change.session.half, change.lost, change.version, before)
