"""Moves of a state machine: one table of (from, to) → event per aggregate, and no other way."""

from collections.abc import Mapping

Transitions = Mapping[tuple[str, str], str]


class NoSuchMoveError(RuntimeError):
    """The table of transitions has no such move: a rule let through what it should have refused."""


def transition(transitions: Transitions, status: str, to: str) -> str:
    """Return the new status; raise NoSuchMoveError where the table has no such edge."""
    if (status, to) not in transitions:
        raise NoSuchMoveError(f"{status} to {to}")
    return to
