"""Publish what thresholds holds again: runs with the revision that they have, approaches, and changes of marks relied on as they were published."""

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

import msgspec

from services.thresholds.domain.facts import Mark, unauthorised_codes
from services.thresholds.domain.pupils import full_judgement
from services.thresholds.domain.runs import PUBLISHED_STEPS, RunStep
from services.thresholds.repository import state
from services.thresholds.repository.pupils import load_pupils, lock_pupils
from services.thresholds.repository.runs import RunStepRow, steps_of
from services.thresholds.use_cases import publishing
from services.thresholds.use_cases.judging import policies, schools_of
from shared.attendance.identities import merged_records
from shared.comparisons import Held, KeyRange, in_one_transaction
from shared.contracts.event import Event
from shared.contracts.thresholds import ReliedOnMarkChanged
from shared.database import Transaction
from shared.messaging import publish_many
from shared.messaging.state import Extent, StateKind


async def publish_runs(tx: Transaction, _: Extent, keys: Sequence[str]) -> int:
    """Publish each run of pupils as it was published last. One that people's acts ended since is left out: they were done in its case."""
    pupil_ids = [UUID(key) for key in keys]
    await lock_pupils(tx, pupil_ids)
    events = [
        event
        for pupil_id in pupil_ids
        for _run, steps in groupby(await steps_of(tx, pupil_id), key=lambda step: step.run_id)
        for event in _run_as_published(pupil_id, list(steps))
    ]
    return await publish_many(tx, events, anew=True)


def _run_as_published(pupil_id: UUID, steps: Sequence[RunStepRow]) -> list[Event]:
    """Return the events of a run by its steps, in their order: where it was withdrawn, first the one by which it was met."""
    last = steps[-1]
    met = next((position for position in range(len(steps) - 1, -1, -1) if steps[position].step == "met"), None)
    if last.step not in PUBLISHED_STEPS or met is None:
        return []
    resumed = next((position for position in range(met, -1, -1) if steps[position].step == "resumed"), -1)
    separated = any(step.step not in PUBLISHED_STEPS for step in steps[resumed + 1 : met])
    crossed = steps[met]
    event = publishing.run_step(pupil_id, _step(crossed), crossed.judgement, crossed.judgement)
    found: list[Event] = [event.model_copy(update={"separated": True}) if separated else event]
    if last.step == "withdrawn":
        found.append(publishing.run_step(pupil_id, _step(last), last.judgement, crossed.judgement))
    return found


def _step(row: RunStepRow) -> RunStep:
    return RunStep(row.run_id, row.revision, row.step)


async def publish_approaches(tx: Transaction, _: Extent, keys: Sequence[str]) -> int:
    """Publish that pupils approach the threshold, who do so now."""
    ids = [UUID(key) for key in keys]
    await lock_pupils(tx, ids)
    pupils = await load_pupils(tx, ids, await merged_records(tx, ids))
    schools = await schools_of(tx, pupils)
    events: list[Event] = []
    for pupil in pupils:
        judgement = full_judgement(pupil, schools, policies())
        if pupil.standing.status == "approaching" and judgement.counting:
            events.append(publishing.threshold_approaching(pupil.id, judgement, pupil.standing.approaches))
    return await publish_many(tx, events, anew=True)


async def publish_mark_changes(tx: Transaction, _: Extent, keys: Sequence[str]) -> int:
    """Publish changes of marks relied on as they were published: a reader knows each of them by its version or its loss."""
    events = [ReliedOnMarkChanged.model_validate_json(body) for body in await state.mark_changes(tx, keys)]
    return await publish_many(tx, events, anew=True)


STATE = (
    StateKind("runs", state.find_runs, publish_runs),
    StateKind("approaches", state.find_approaches, publish_approaches),
    StateKind("mark-changes", state.find_mark_changes, publish_mark_changes, 500),
)


async def held_marks(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the marks of unauthorised absence of pupils, with their versions."""
    return [
        Held(
            pupil_id,
            tuple(
                f"{row.date} {row.session} {row.urn} {row.code} {row.version}"
                for row in rows
                if row.date and row.code in unauthorised_codes(row.date)
            ),
        )
        for pupil_id, rows in groupby(await state.marks_of_pupils(tx, keys), key=lambda row: row.id)
    ]


async def held_notices(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the notices, with the sessions they rely on."""
    found = []
    for row in await state.notices(tx, keys):
        marks = sorted(msgspec.json.decode(row.marks, type=tuple[Mark, ...]), key=lambda mark: mark.key)
        sessions = [f"{mark.session.date} {mark.session.half} {mark.urn} {mark.code} {mark.version}" for mark in marks]
        found.append(Held(row.id, (row.kind, f"withdrawn {row.withdrawn_on}", *sessions)))
    return found


async def held_runs(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the runs that are met or withdrawn, with the revision published last."""
    return [Held(row.id, (f"revision {row.revision}",)) for row in await state.published_runs(tx, keys)]


async def held_closed_cases(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the cases that are known to be closed, and since when."""
    return [Held(row.id, (f"closed {row.closed_on}",)) for row in await state.closed_cases(tx, keys)]


COMPARISONS = {
    "marks": in_one_transaction(held_marks),
    "notices": in_one_transaction(held_notices),
    "runs": in_one_transaction(held_runs),
    "closed-cases": in_one_transaction(held_closed_cases),
}
