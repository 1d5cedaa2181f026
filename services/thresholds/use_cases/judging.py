"""Judge pupils, store where they stand and say what changed."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from services.thresholds.domain.facts import Policies, Schools
from services.thresholds.domain.pupils import Pupil, review
from services.thresholds.domain.reliance import NO_MARK, MarkChange
from services.thresholds.domain.runs import SAID, RunStep, Standing
from services.thresholds.domain.weeks import EverySchoolWeeks
from services.thresholds.repository import pupils as stored
from services.thresholds.repository import schools
from shared.attendance.law import load_statutes
from shared.contracts.event import Event
from shared.contracts.thresholds import Reliance, ReliedOnMarkChanged, ThresholdApproaching, ThresholdMet, ThresholdWithdrawn
from shared.database import Transaction
from shared.ids import new_id
from shared.messaging import publish_many
from shared.settings import settings

STATUTES = load_statutes(Path(__file__).parents[1] / "law")

FEW = min(
    provision.value
    for law in STATUTES.packs.values()
    for name in ("approaching_sessions", "threshold_sessions")
    for provision in law.history[name]
)
"""So many absences in a window must there be under any pack before something follows: with fewer a pupil is below."""
WEEKS = max(provision.value for law in STATUTES.packs.values() for provision in law.history["window_weeks"])
"""The longest window of any pack, in school weeks."""

AT_ONCE = 100
"""Pupils whose judgements are in memory together: each of one in trouble takes a hundred kilobytes until it is stored and said."""


async def schools_of(tx: Transaction, pupils: Iterable[Pupil]) -> Schools:
    """Return what is known of these pupils' schools, and of those that they continue."""
    return await schools.known_of(tx, {spell.urn for pupil in pupils if pupil.roll for spell in pupil.roll.spells})


def policies() -> Policies:
    """Return the packs, an authority's own or the installation's."""
    return partial(STATUTES.for_authority, default=settings().policy)


async def settle(
    tx: Transaction, pupils: Sequence[Pupil], changes: Mapping[UUID, Sequence[MarkChange]] | None = None, known: Schools | None = None
) -> int:
    """Judge pupils, store where they now stand, and say what changed; return how many stand otherwise than before.

    The pupils are locked, so that the order of what is said is the order of the facts. `known`: of their schools, where it is at hand.
    """
    known = known or await schools_of(tx, pupils)
    weeks = EverySchoolWeeks(known.years)
    pieces = [pupils[first : first + AT_ONCE] for first in range(0, len(pupils), AT_ONCE)]
    return sum([await _settle(tx, piece, changes or {}, known, weeks) for piece in pieces])


async def _settle(
    tx: Transaction, pupils: Iterable[Pupil], changes: Mapping[UUID, Sequence[MarkChange]], known: Schools, weeks: EverySchoolWeeks
) -> int:
    packs = policies()
    standings: dict[UUID, Standing] = {}
    steps: list[tuple[UUID, RunStep, Mapping[str, Any]]] = []
    said: list[Event] = []
    for pupil in pupils:
        said += [_mark_changed(pupil.id, change) for change in changes.get(pupil.id, ())]
        reviewed = review(pupil, known, packs, new_id(), weeks)
        if reviewed is None or reviewed.standing == pupil.standing:
            continue
        standings[pupil.id] = reviewed.standing
        steps += [(pupil.id, step, reviewed.judgement) for step in reviewed.steps]
        said += [_run_said(pupil.id, step, reviewed.judgement) for step in reviewed.steps if step.step in SAID]
        if reviewed.approaching:
            said.append(_approaching(pupil.id, reviewed.judgement, reviewed.standing.approached))
    await stored.store_standings(tx, standings)
    await stored.add_run_steps(tx, steps)
    await publish_many(tx, said)
    return len(standings)


def _run_said(pupil_id: UUID, step: RunStep, judgement: Mapping[str, Any]) -> Event:
    place = {"pupil_id": pupil_id, "run_id": step.run_id, "revision": step.revision}
    return ThresholdMet(**judgement, **place) if step.step == "met" else ThresholdWithdrawn(**judgement, **place)


def _approaching(pupil_id: UUID, judgement: Mapping[str, Any], revision: int) -> Event:
    return ThresholdApproaching(**judgement, pupil_id=pupil_id, latest=judgement["counting"][-1], revision=revision)


def _mark_changed(pupil_id: UUID, change: MarkChange) -> ReliedOnMarkChanged:
    return ReliedOnMarkChanged(
        pupil_id=pupil_id,
        urn=change.urn,
        date=change.session.date,
        session=change.session.half,
        previous_code=change.previous_code,
        code=change.code,
        previous_version=change.previous_version,
        version=change.version,
        relied_on_by=tuple(Reliance(kind=each.kind, id=each.id) for each in change.relied_on_by),
        lost=change.lost,
        loss_id=new_id() if change.lost or change.code == NO_MARK else None,
    )
