"""Pieces of events that several parts publish."""

from collections.abc import Iterable

from services.penalties.case_file.domain.sessions import Session
from shared.contracts.event import RelianceSession


def relied_on(sessions: Iterable[Session]) -> tuple[RelianceSession, ...]:
    """Return sessions as an event names those that something relies on."""
    return tuple(
        RelianceSession(date=each.date, session=each.session, code=each.code, urn=each.urn, version=each.version) for each in sessions
    )
