"""What follows an entry: how far a referral has come, what was done about advice, and what became of medical evidence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.refusals import Refusal
from services.penalties.case_file.domain.transitions import Transitions
from services.penalties.support.domain.entries import EntryContent, EntryKind

StepKind = Literal[
    "accepted",
    "waiting",
    "started",
    "ended",
    "refused",
    "followed",
    "not-followed",
    "received",
    "not-received",
    "coding-changed",
    "coding-not-changed",
]

REFERRAL_TRANSITIONS: Transitions = {
    ("asked", "accepted"): "support-step",
    ("asked", "waiting"): "support-step",
    ("asked", "refused"): "support-step",
    ("accepted", "waiting"): "support-step",
    ("accepted", "started"): "support-step",
    ("accepted", "ended"): "support-step",
    ("waiting", "started"): "support-step",
    ("waiting", "refused"): "support-step",
    ("waiting", "ended"): "support-step",
    ("started", "ended"): "support-step",
}
ADVICE_TRANSITIONS: Transitions = {
    ("given", "followed"): "support-step",
    ("given", "not-followed"): "support-step",
}
MEDICAL_EVIDENCE_TRANSITIONS: Transitions = {
    ("requested", "received"): "support-step",
    ("requested", "not-received"): "support-step",
    ("not-received", "received"): "support-step",
    ("received", "coding-changed"): "support-step",
    ("received", "coding-not-changed"): "support-step",
}
_STEPS_OF: Mapping[EntryKind, Transitions] = {
    "agency-referral": REFERRAL_TRANSITIONS,
    "advice": ADVICE_TRANSITIONS,
    "medical-evidence": MEDICAL_EVIDENCE_TRANSITIONS,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step after an entry: what happened on which day, in words, and who recorded it. Steps are only ever added."""

    id: UUID
    entry_id: UUID
    step: StepKind
    taken_on: date
    notes: str
    recorded_by: str
    recorded_by_role: str
    recorded_by_subject: str
    recorded_at: datetime


def state_of(content: EntryContent, steps: Sequence[Step]) -> str | None:
    """Return how far an entry has come: its last step, or the state in which its kind begins. None where its kind has no steps."""
    table = _STEPS_OF.get(content.kind)
    if table is None or content.not_done_because is not None:
        return None
    return steps[-1].step if steps else next(iter(table))[0]


def next_steps(content: EntryContent, steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the steps that may follow now."""
    state = state_of(content, steps)
    return tuple(to for start, to in _STEPS_OF.get(content.kind, {}) if start == state)


def step_refusals(content: EntryContent, steps: Sequence[Step], step: StepKind, taken_on: date, today: date) -> Iterable[Refusal]:
    """Yield what stands in the way of recording a step."""
    if step not in next_steps(content, steps):
        state = state_of(content, steps)
        after = (
            "No step follows this entry." if state is None else f"It cannot follow while the entry stands at “{state.replace('-', ' ')}”."
        )
        yield Refusal("step-out-of-order", after)
    if taken_on > today:
        yield Refusal("step-in-future", "The day of the step is still to come.")
    if taken_on < (steps[-1].taken_on if steps else content.made_on):
        yield Refusal("step-before-the-last", "The step cannot have come before the one that it follows.")
