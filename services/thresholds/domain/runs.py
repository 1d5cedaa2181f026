"""The run of a threshold: opened when it is met, published again while its content changes, ended by people or by an amendment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.facts import SetAside
from services.thresholds.domain.judgement import NOTHING_COUNTS, Judgement, Status
from services.thresholds.domain.sessions import Session

End = Literal["spent", "set-aside", "closed", "gave-way"]
Step = Literal["met", "withdrawn", "spent", "set-aside", "closed", "gave-way", "resumed"]
PUBLISHED_STEPS = ("met", "withdrawn")
"""The steps that are published. The others are silent: people's acts end a run, it gives way to one whose sessions count again, or is resumed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a pupil stands, and the open run if there is one, with the judgement that was last published of it.

    Other judgements are not kept: they come from the facts whenever somebody asks.
    """

    status: Status = "below"
    judgement: Judgement = NOTHING_COUNTS
    run_id: UUID | None = None
    run_revision: int = 0
    approaches: int = 0
    """How often the pupil has approached the threshold: the revision of that event."""

    @property
    def run_sessions(self) -> frozenset[Session]:
        """The sessions by which the open run met the threshold."""
        crossing = self.judgement.crossing
        return frozenset(each.session for each in crossing.sessions) if self.run_id and crossing else frozenset()


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A run that is not open any more: its last step, and the sessions by which it met the threshold last."""

    id: UUID
    revision: int
    step: Step
    sessions: frozenset[Session]


@dataclass(frozen=True, slots=True)
class RunStep:
    """One step of a run."""

    run_id: UUID
    revision: int
    step: Step


@dataclass(frozen=True, slots=True)
class Progress:
    """What a new judgement leads to."""

    standing: Standing
    judgement: Judgement
    steps: tuple[RunStep, ...] = ()
    approaching: bool = False
    """The count has reached the level at which the school gets a message."""


def end_of_run(standing: Standing, spent: frozenset[Session], aside: SetAside, closed_runs: frozenset[UUID]) -> End | None:
    """Return what ended the open run without an amendment: a notice or charge on its sessions, or the closing of its case."""
    sessions = standing.run_sessions
    if standing.run_id is None:
        return None
    if not sessions.isdisjoint(spent):
        return "spent"
    if any(aside.covers(session) for session in sessions):
        return "set-aside"
    return "closed" if standing.run_id in closed_runs else None


def advance_run(
    standing: Standing, judgement: Judgement, ended: End | None, new_run_id: UUID, earlier: Sequence[EarlierRun] = ()
) -> Progress:
    """Return where a pupil stands after a new judgement, and the steps of the runs on the way; `new_run_id` is for a run that it may open.

    What people did ends the run silently; if what is left still meets the threshold, that resumes one of the `earlier` runs whose sessions
    count again, or opens a new one. An amendment that takes an open run below the threshold withdraws it. An open run of which no session
    is among those that meet the threshold gives way to an earlier one of which some are. There is no step where the content of the run is
    as it was last published. `earlier`: runs whose cases are open, with no session spent.
    """
    run_id, revision, steps = standing.run_id, standing.run_revision, []
    resumed = _run_to_resume(judgement, earlier)
    approaching = judgement.status == "approaching" and standing.status == "below"

    def step(kind: Step) -> None:
        nonlocal revision
        revision += 1
        steps.append(RunStep(run_id or new_run_id, revision, kind))

    if run_id and ended:
        step(ended)
        run_id = None
    elif run_id and judgement.status != "met":
        step("withdrawn")
        run_id = None
    elif run_id and resumed and _meets(judgement, resumed.sessions) and not _meets(judgement, standing.run_sessions):
        step("gave-way")
        run_id = None
    if judgement.status == "met" and run_id is None:
        if resumed:
            run_id, revision = resumed.id, resumed.revision
            if resumed.step not in PUBLISHED_STEPS:
                step("resumed")
        else:
            run_id, revision = new_run_id, 0
        step("met")
    elif judgement.status == "met" and _content(judgement) != _content(standing.judgement):
        step("met")
    published = NOTHING_COUNTS if run_id is None else judgement if steps else standing.judgement
    after = Standing(judgement.status, published, run_id, revision if run_id else 0, standing.approaches + approaching)
    return Progress(after, judgement, tuple(steps), approaching)


def asks_for_earlier_runs(before: Standing, progress: Progress) -> bool:
    """Return whether the run that a judgement led to may be an earlier one: it is new, or was met by other sessions before."""
    run_id = progress.standing.run_id
    moved = bool(progress.steps) and not _meets(progress.judgement, before.run_sessions)
    return run_id is not None and (run_id != before.run_id or moved)


def _run_to_resume(judgement: Judgement, earlier: Sequence[EarlierRun]) -> EarlierRun | None:
    """Return the run of which a session counts again: one by which the threshold is met comes first, then the latest."""
    counting = frozenset(each.session for each in judgement.counting)
    found = [each for each in earlier if not each.sessions.isdisjoint(counting)]
    return max(found, key=lambda each: (_meets(judgement, each.sessions), each.id), default=None)


def _meets(judgement: Judgement, sessions: frozenset[Session]) -> bool:
    """Return whether the threshold is met by any of these sessions."""
    crossing = judgement.crossing
    return crossing is not None and any(each.session in sessions for each in crossing.sessions)


def _content(judgement: Judgement) -> tuple[object, ...]:
    """Return what a published run holds, without the reasons for it."""
    crossing = judgement.crossing
    return (
        _marks(judgement.counting),
        crossing and (_marks(crossing.sessions), crossing.weeks, crossing.at.la_code),
        judgement.holiday,
        judgement.policy,
        judgement.earliest_time_bar,
    )


def _marks(sessions: Sequence[CountingSession]) -> list[tuple[object, ...]]:
    return [(each.session, each.urn, each.code, each.version) for each in sessions]
