"""How far thresholds has come with a pupil."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.sessions import Session
from services.penalties.evidence.domain import MarkKey, ThresholdView
from shared.attendance.sessions import Half
from shared.http import ServiceClient
from shared.problems import NotFound

THRESHOLDS = ServiceClient("thresholds")


@dataclass(frozen=True, slots=True)
class _Mark:
    pupil_id: UUID
    urn: int
    date: date
    session: Half
    version: int


@dataclass(frozen=True, slots=True)
class _Run:
    run_id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class _Lost:
    date: date
    session: Half
    urn: int


@dataclass(frozen=True, slots=True)
class _Judged:
    marks: tuple[_Mark, ...]
    runs: tuple[_Run, ...]
    set_aside: tuple[Session, ...]
    lost: tuple[_Lost, ...]


async def threshold_view(upn: str, first: date, last: date) -> ThresholdView:
    """Return what has been judged of a pupil's marks in a period; nothing of a pupil whom thresholds has not met yet. Raises Unavailable."""
    try:
        judged = await THRESHOLDS.read(f"/v1/pupils/{upn}/judged", _Judged, **{"from": first.isoformat(), "to": last.isoformat()})
    except NotFound:
        return ThresholdView({}, {})
    return ThresholdView(
        {MarkKey(mark.pupil_id, mark.urn, mark.date, mark.session): mark.version for mark in judged.marks},
        {run.run_id: run.revision for run in judged.runs},
        tuple(replace(session, set_aside=True) for session in judged.set_aside),
        frozenset((each.date, each.session, each.urn) for each in judged.lost),
    )
