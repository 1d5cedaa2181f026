"""The events of `thresholds`, each made here and nowhere else."""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.judgement import Crossing, Judgement
from services.thresholds.domain.pupils import Pupil
from services.thresholds.domain.reliance import MarkChange
from services.thresholds.domain.runs import RunStep
from services.thresholds.domain.sessions import Session, Span
from shared.contracts import thresholds
from shared.contracts.event import Period, RelianceSession, SessionRef

S = TypeVar("S", bound=RelianceSession)


def run_step(
    pupil_id: UUID, step: RunStep, judgement: Judgement, before: Judgement, own: thresholds.OwnCrossing | None = None
) -> thresholds.ThresholdMet | thresholds.ThresholdWithdrawn:
    """Return the event of a published step of a run: the threshold is met, or met no longer.

    `before`: as the run was published last. `own`: what of it is the record's own, where another record was separated.
    """
    if step.step == "met" and judgement.crossing:
        return _threshold_met(pupil_id, step, judgement, judgement.crossing)
    return thresholds.ThresholdWithdrawn.of(
        step,
        pupil_id=pupil_id,
        count=judgement.count,
        counting=_sessions(thresholds.CountingSession, judgement.counting),
        sessions=_sessions(RelianceSession, before.counting),
        own=own,
    )


def _threshold_met(pupil_id: UUID, step: RunStep, judgement: Judgement, crossing: Crossing) -> thresholds.ThresholdMet:
    return thresholds.ThresholdMet(
        run_id=step.run_id,
        revision=step.revision,
        pupil_id=pupil_id,
        urn=crossing.at.urn,
        la_code=crossing.at.la_code,
        policy=judgement.policy,
        met_at=_session(crossing.at.session),
        window=_period(crossing.window),
        weeks=crossing.weeks,
        sessions=_sessions(RelianceSession, crossing.sessions),
        counting=_sessions(thresholds.CountingSession, judgement.counting),
        counts=crossing.counts,
        holiday=judgement.holiday is not None,
        holiday_period=judgement.holiday and _period(judgement.holiday),
        earliest_time_bar=judgement.earliest_time_bar,
        findings=tuple(finding.as_json() for finding in judgement.findings),
    )


def met_separately(pupil_id: UUID, step: RunStep, judgement: Judgement) -> thresholds.ThresholdMet | thresholds.ThresholdWithdrawn:
    """Return the event that an ended run is again what it was by the record's own sessions."""
    return run_step(pupil_id, step, judgement, judgement).model_copy(update={"separated": True})


def own_crossing(pupil: Pupil, met: Judgement | None, sessions: Sequence[CountingSession]) -> thresholds.OwnCrossing | None:
    """Return what of a run is a record's own, once another record was separated from it; None where it has neither sessions nor a roll.

    `met`: when its own sessions met the threshold; otherwise only `sessions` are, at their last one's school or else at that of the latest roll.
    """
    crossing = met.crossing if met else None
    own = crossing.sessions if crossing else sessions
    spells = sorted(pupil.roll.spells, key=lambda spell: spell.admitted_on) if pupil.roll else []
    at = own[-1] if own else spells[-1] if spells else None
    if at is None:
        return None
    return thresholds.OwnCrossing(
        urn=at.urn,
        la_code=at.la_code,
        sessions=_sessions(RelianceSession, own),
        met_at=_session(crossing.at.session) if crossing else None,
        window=_period(crossing.window) if crossing else None,
        earliest_time_bar=met.earliest_time_bar if met else None,
    )


def threshold_approaching(pupil_id: UUID, judgement: Judgement, revision: int) -> thresholds.ThresholdApproaching:
    """Return the event that a pupil's count has reached the approaching level."""
    latest = judgement.counting[-1]
    return thresholds.ThresholdApproaching.of(
        latest, pupil_id=pupil_id, count=judgement.count, latest=_session(latest.session), revision=revision
    )


def mark_changed(pupil_id: UUID, change: MarkChange, loss_id: UUID | None) -> thresholds.ReliedOnMarkChanged:
    """Return the event that a mark relied on has changed, or that its session was lost; `loss_id`: of the loss."""
    return thresholds.ReliedOnMarkChanged.of(
        change,
        pupil_id=pupil_id,
        date=change.session.date,
        session=change.session.half,
        lost=None if change.lost == "leave-granted" else change.lost,
        leave_granted=change.lost == "leave-granted",
        loss_id=loss_id,
    )


def _session(session: Session) -> SessionRef:
    return SessionRef(date=session.date, session=session.half)


def _period(span: Span) -> Period:
    return Period(start=span.start, end=span.end)


def _sessions(kind: type[S], sessions: Iterable[CountingSession]) -> tuple[S, ...]:
    return tuple(
        kind(date=each.session.date, session=each.session.half, code=each.code, urn=each.urn, version=each.version) for each in sessions
    )
