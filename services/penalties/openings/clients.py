"""What counts against a pupil now, asked of thresholds: never inside a transaction."""

from dataclasses import dataclass

from services.penalties.case_file.domain.notices import Findings
from services.penalties.case_file.domain.sessions import Session
from services.penalties.evidence.clients import THRESHOLDS
from services.penalties.openings.domain import Standing
from shared.contracts.event import Period
from shared.problems import NotFound


@dataclass(frozen=True, slots=True)
class _Threshold:
    counting: tuple[Session, ...]
    sessions: tuple[Session, ...]
    window: Period | None
    holiday_period: Period | None
    findings: Findings


async def standing_of(upn: str) -> Standing:
    """Return what has been judged of a pupil; nothing of one whom thresholds has not met yet. Raises Unavailable."""
    try:
        found = await THRESHOLDS.read(f"/v1/pupils/{upn}/threshold", _Threshold)
    except NotFound:
        return Standing()
    return Standing(
        counting=tuple(session for session in found.counting if not session.set_aside),
        crossing=found.sessions,
        window=(found.window.start, found.window.end) if found.window else None,
        holiday=(found.holiday_period.start, found.holiday_period.end) if found.holiday_period else None,
        findings=found.findings,
    )
