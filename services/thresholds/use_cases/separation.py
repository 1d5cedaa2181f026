"""Two records turn out to be of two children: the runs that were judged by the facts of both are published as their own child's again."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.judgement import Judgement
from services.thresholds.domain.pupils import Pupil, full_judgement
from services.thresholds.domain.runs import RunStep
from services.thresholds.repository import runs
from services.thresholds.repository.pupils import load_pupils
from services.thresholds.repository.runs import RunStepRow
from services.thresholds.use_cases import publishing
from services.thresholds.use_cases.judging import is_judging_deferred, policies, schools_of
from shared.contracts.event import Event
from shared.contracts.thresholds import OwnCrossing
from shared.database import Transaction
from shared.messaging import publish_many


async def own_of_open_runs(tx: Transaction, survivors: Sequence[Pupil]) -> dict[UUID, OwnCrossing]:
    """Return what of the open runs of these records is their own, where it is not all; they have not been judged anew."""
    found = {}
    for each in survivors:
        steps = [step for step in await runs.steps_of(tx, each.id) if step.run_id == each.standing.run_id]
        pupil = await _with_marks_of(tx, each.id, steps)
        met = [step.judgement for step in steps if step.step == "met"]
        if met and not _all_own(pupil, met[-1]) and (own := _own(pupil, met)):
            found[each.id] = own
    return found


async def restore_runs(tx: Transaction, survivors: Sequence[Pupil], separated: Collection[UUID]) -> None:
    """Publish the ended runs of these records, which have been judged anew, with what of them is the record's own.

    `survivors`: records, as they were before that, from which another one was separated; their runs may rest on its sessions, at its schools.
    `separated`: those records, whose runs were withdrawn with everything that counted. Open runs were published by the judgement itself.
    """
    if is_judging_deferred():
        return
    open_before = {each.standing.run_id for each in survivors}
    for pupil_id in sorted({*(each.id for each in survivors), *separated}):
        steps = await runs.steps_of(tx, pupil_id)
        pupil = await _with_marks_of(tx, pupil_id, steps)
        now = full_judgement(pupil, await schools_of(tx, [pupil]), policies())
        for run_id in dict.fromkeys(step.run_id for step in steps):
            own = [step for step in steps if step.run_id == run_id]
            met = [step.judgement for step in own if step.step == "met"]
            taken_along = pupil_id in separated and own[-1].step == "withdrawn"
            published = run_id == pupil.standing.run_id or (run_id in open_before and own[-1].step == "withdrawn")
            if not published and met and (taken_along or not _all_own(pupil, met[-1])):
                await _restore(tx, pupil, own[-1], met, now)


async def _restore(tx: Transaction, pupil: Pupil, last: RunStepRow, met: Sequence[Judgement], now: Judgement) -> None:
    """Publish an ended run anew: as it was last met by the record's own sessions, or withdrawn, with those of its sessions that are own."""
    own = next((each for each in reversed(met) if _all_own(pupil, each)), None)
    if own and last.step != "withdrawn":
        step, judgement = RunStep(last.run_id, last.revision + 1, "met"), replace(own, counting=now.counting)
        event: Event = publishing.met_separately(pupil.id, step, judgement)
    else:
        step, judgement = RunStep(last.run_id, last.revision + 1, "withdrawn"), now
        event = publishing.run_step(pupil.id, step, now, met[-1], _own(pupil, met))
    await runs.add_run_steps(tx, [(pupil.id, step, judgement)])
    await publish_many(tx, [event])


async def _with_marks_of(tx: Transaction, pupil_id: UUID, steps: Sequence[RunStepRow]) -> Pupil:
    """Return a record with its own marks of all sessions by which its runs were met."""
    sessions = {each.session for step in steps for each in _sessions(step.judgement)}
    (pupil,) = await load_pupils(tx, [pupil_id], None, [(pupil_id, session) for session in sessions], with_set_aside=True)
    return pupil


def _own(pupil: Pupil, met: Sequence[Judgement]) -> OwnCrossing | None:
    own = next((each for each in reversed(met) if _all_own(pupil, each)), None)
    return publishing.own_crossing(pupil, own, [each for each in _sessions(met[-1]) if each.key in pupil.marks])


def _all_own(pupil: Pupil, judgement: Judgement) -> bool:
    return all(each.key in pupil.marks for each in _sessions(judgement))


def _sessions(judgement: Judgement) -> tuple[CountingSession, ...]:
    return judgement.crossing.sessions if judgement.crossing else ()
