"""How a case ends, and which of its sessions a notice or a file may rely on."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.domain.sessions import Session
from services.penalties.case_file.domain.transitions import Transitions, transition

CaseOutcome = Literal["no-action", "improved", "paid", "withdrawn", "court"]
TRANSITIONS: Transitions = {("open", "closed"): "case-closed", ("closed", "open"): "case-opened"}
SETS_ASIDE = frozenset({"no-action", "improved"})
"""Outcomes without a penalty notice or a charge: counting sessions up to the closing day raise no alert."""


def move_case(status: str, to: str) -> str:
    """Move a case to another status."""
    return transition(TRANSITIONS, status, to)


def available(case: CaseFile) -> tuple[Session, ...]:
    """Return the counting sessions that some notice may rely on, in order.

    Those that thresholds count, and those that a standing notice relies on (they are spent for the threshold, but free against the other
    parent); none whose mark was amended since.
    """
    by_slot = {session.slot: session for session in (*case.relied_on, *case.counting)}
    sound = (s for s in by_slot.values() if s.at_school not in case.changed)
    return tuple(sorted(sound, key=lambda session: session.slot))


def free_sessions(case: CaseFile, parent_id: UUID, sessions: Iterable[Session]) -> tuple[Session, ...]:
    """Return those of the sessions that no standing notice or charge has spent against the parent."""
    spent = case.spent.get(parent_id, frozenset())
    return tuple(session for session in sessions if session.slot not in spent)
