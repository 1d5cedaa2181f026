"""Where pupils stand, and every step of every run."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy import Text, case, cast, func, select, text, update

from services.thresholds.domain.judgement import Judgement
from services.thresholds.domain.runs import PUBLISHED_STEPS, EarlierRun, RunStep, Standing, Step
from services.thresholds.repository.arrays import arrays
from services.thresholds.tables import pupils, run_steps
from shared.database import Transaction
from shared.database.rows import fetch_all

_STORE_STANDINGS = text("""
    UPDATE pupils SET status = new.status, run_id = new.run_id, run_revision = new.run_revision, approaches = new.approaches
    FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:runs AS uuid[]), CAST(:revisions AS integer[]),
                CAST(:approaches AS integer[])) AS new (id, status, run_id, run_revision, approaches)
    WHERE pupils.id = new.id
""")
_STORE_STEPS = text("""
    INSERT INTO run_steps (run_id, revision, pupil_id, step, judgement)
    SELECT run_id, revision, pupil_id, step, CAST(judgement AS jsonb)
    FROM unnest(CAST(:runs AS uuid[]), CAST(:revisions AS integer[]), CAST(:pupils AS uuid[]), CAST(:steps AS text[]),
                CAST(:judgements AS text[])) AS sent (run_id, revision, pupil_id, step, judgement)
""")
_EARLIER = text("""
    SELECT DISTINCT ON (met.run_id) met.run_id, met.pupil_id, CAST(met.judgement AS text) AS judgement, last.revision, last.step
    FROM run_steps AS met CROSS JOIN LATERAL (
        SELECT revision, step FROM run_steps WHERE run_steps.run_id = met.run_id ORDER BY revision DESC LIMIT 1
    ) AS last
    WHERE met.pupil_id = ANY(CAST(:ids AS uuid[])) AND met.step = 'met' AND last.step <> 'closed'
    ORDER BY met.run_id, met.revision DESC
""")
# Asked of each pupil, not joined: a plan that was made while there were few runs might join them in a square.
PUBLISHED_JUDGEMENT = (
    select(cast(run_steps.c.judgement, Text))
    .where(run_steps.c.run_id == pupils.c.run_id, run_steps.c.revision == pupils.c.run_revision)
    .scalar_subquery()
    .label("judgement")
)
"""The judgement that was last published of a pupil's open run, to be read with `judgement_of`."""
judgement_of = msgspec.json.Decoder(Judgement).decode


@dataclass(frozen=True, slots=True)
class PublishedRunRow:
    """A run, and the revision at which it was last published."""

    run_id: UUID
    revision: int


async def published_runs(tx: Transaction, pupil_id: UUID) -> list[PublishedRunRow]:
    """Return, by run, the last revision of a pupil's runs that was published."""
    published = run_steps.c.pupil_id == pupil_id, run_steps.c.step.in_(PUBLISHED_STEPS)
    last = func.max(run_steps.c.revision).label("revision")
    return await fetch_all(tx, select(run_steps.c.run_id, last).where(*published).group_by(run_steps.c.run_id), PublishedRunRow)


@dataclass(frozen=True, slots=True)
class RunStepRow:
    """A step of a run, with the judgement behind it."""

    run_id: UUID
    revision: int
    step: Step
    judgement: Judgement


async def steps_of(tx: Transaction, pupil_id: UUID) -> list[RunStepRow]:
    """Return every step of a record's runs, run by run."""
    columns = run_steps.c.run_id, run_steps.c.revision, run_steps.c.step, cast(run_steps.c.judgement, Text).label("judgement")
    query = select(*columns).where(run_steps.c.pupil_id == pupil_id).order_by(run_steps.c.run_id, run_steps.c.revision)
    return [RunStepRow(run_id, revision, step, judgement_of(judged)) for run_id, revision, step, judged in await tx.execute(query)]


async def earlier_runs(tx: Transaction, pupil_ids: Collection[UUID]) -> dict[UUID, list[EarlierRun]]:
    """Return the runs by record that has any, with the sessions by which each was met last; without those that were closed when a newer run took their case."""
    found: dict[UUID, list[EarlierRun]] = {}
    for row in await tx.execute(_EARLIER, {"ids": list(pupil_ids)}) if pupil_ids else ():
        if crossing := judgement_of(row.judgement).crossing:
            run = EarlierRun(row.run_id, row.revision, row.step, frozenset(each.session for each in crossing.sessions))
            found.setdefault(row.pupil_id, []).append(run)
    return found


async def store_standings(tx: Transaction, standings: Mapping[UUID, Standing]) -> None:
    """Store where pupils stand."""
    rows = [(pupil_id, each.status, each.run_id, each.run_revision, each.approaches) for pupil_id, each in standings.items()]
    if rows:
        await tx.execute(_STORE_STANDINGS, arrays("ids statuses runs revisions approaches", rows))


async def add_run_steps(tx: Transaction, steps: Sequence[tuple[UUID, RunStep, Judgement]]) -> None:
    """Add steps of pupils' runs, each with the judgement behind it."""
    rows = [
        (each.run_id, each.revision, pupil_id, each.step, msgspec.json.encode(judgement).decode()) for pupil_id, each, judgement in steps
    ]
    if rows:
        await tx.execute(_STORE_STEPS, arrays("runs revisions pupils steps judgements", rows))


async def has_step(tx: Transaction, run_id: UUID, revision: int) -> bool:
    """Return whether a step of a run is stored."""
    found = select(run_steps.c.revision).where(run_steps.c.run_id == run_id, run_steps.c.revision == revision)
    return (await tx.execute(found)).first() is not None


async def restore_open_run(tx: Transaction, pupil_id: UUID, step: RunStep) -> None:
    """Store that this step of a run is the last of it and that the run is open."""
    open_ = {"status": "met", "run_id": step.run_id, "run_revision": step.revision}
    await tx.execute(update(pupils).where(pupils.c.id == pupil_id).values(open_))


async def restore_end(tx: Transaction, pupil_id: UUID, run_id: UUID) -> None:
    """Store that a run is not open any more, if it was."""
    ended = {"status": "below", "run_id": None, "run_revision": 0}
    await tx.execute(update(pupils).where(pupils.c.id == pupil_id, pupils.c.run_id == run_id).values(ended))


async def restore_approach(tx: Transaction, pupil_id: UUID, approaches: int) -> None:
    """Store that a pupil approached the threshold, for the how manieth time at least, where no run is open."""
    status = case((pupils.c.run_id.is_(None), "approaching"), else_=pupils.c.status)
    times = func.greatest(pupils.c.approaches, approaches)
    await tx.execute(update(pupils).where(pupils.c.id == pupil_id).values(status=status, approaches=times))
