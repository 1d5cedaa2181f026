"""The run of a threshold: opened when it is met, said again while its content changes, ended by people or by an amendment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from services.thresholds.domain.judgement import Judgement, Status
from services.thresholds.domain.sessions import Session

End = Literal["spent", "set-aside", "closed"]
Step = Literal["met", "withdrawn", "spent", "set-aside", "closed"]
SAID = ("met", "withdrawn")
"""The steps that are published; the others end a run silently, by what people did with it."""


def nothing() -> dict[str, Any]:
    """Return the judgement of a pupil of whom nothing is known."""
    return Judgement("below", 0).as_json()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a pupil stands, and the open run if there is one, with the judgement that was last said of it.

    Other judgements are not kept: they come from the facts whenever somebody asks.
    """

    status: Status = "below"
    judgement: Mapping[str, Any] = field(default_factory=nothing)
    run_id: UUID | None = None
    run_revision: int = 0
    approached: int = 0
    """How often the pupil has approached the threshold: the revision of that event."""

    @property
    def run_sessions(self) -> frozenset[Session]:
        """The sessions that the open run stands on."""
        if self.run_id is None:
            return frozenset()
        return frozenset(Session(date.fromisoformat(each["date"]), each["session"]) for each in self.judgement["sessions"])


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
    judgement: Mapping[str, Any] = field(default_factory=nothing)
    """The new judgement, as far as it is kept or said."""
    steps: tuple[RunStep, ...] = ()
    approaching: bool = False
    """The count has reached the level at which the school is told."""


def ended_by(standing: Standing, spent: frozenset[Session], set_aside_to: date | None, closed_runs: frozenset[UUID]) -> End | None:
    """Return what ended the open run without an amendment: a notice or charge on its sessions, or the closing of its case."""
    sessions = standing.run_sessions
    if standing.run_id is None:
        return None
    if not sessions.isdisjoint(spent):
        return "spent"
    if set_aside_to is not None and any(session.date <= set_aside_to for session in sessions):
        return "set-aside"
    return "closed" if standing.run_id in closed_runs else None


def follow(standing: Standing, judgement: Judgement, ended: End | None, fresh: UUID) -> Progress:
    """Move a pupil's run on by a new judgement; `fresh` is the id of a run that it may open.

    What people did ends the run silently; if what is left still meets the threshold, it meets it anew. An amendment that takes an
    open run below the threshold withdraws it. Nothing is said where nothing changed.
    """
    run_id, revision, steps = standing.run_id, standing.run_revision, []
    approaching = judgement.status == "approaching" and standing.status == "below"
    new = judgement.as_json() if judgement.status == "met" or run_id or approaching else nothing()

    def step(what: Step) -> None:
        nonlocal revision
        revision += 1
        steps.append(RunStep(run_id or fresh, revision, what))

    if run_id and ended:
        step(ended)
        run_id = None
    elif run_id and judgement.status != "met":
        step("withdrawn")
        run_id = None
    if judgement.status == "met" and run_id is None:
        run_id, revision = fresh, 0
        step("met")
    elif judgement.status == "met" and _content(new) != _content(standing.judgement):
        step("met")
    kept = nothing() if run_id is None else new if steps else standing.judgement
    after = Standing(judgement.status, kept, run_id, revision if run_id else 0, standing.approached + approaching)
    return Progress(after, new, tuple(steps), approaching)


def _content(judgement: Mapping[str, Any]) -> dict[str, Any]:
    """What a run says: everything but the reasons."""
    return {name: value for name, value in judgement.items() if name not in {"findings", "flagged", "disagreements"}}


__all__ = ["SAID", "End", "Progress", "RunStep", "Standing", "Step", "ended_by", "follow"]
