"""How far thresholds has come with a pupil."""

from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.facts import Session
from services.penalties.evidence.domain import ThresholdView, mark_key
from shared.http import ServiceClient
from shared.problems import NotFound

THRESHOLDS = ServiceClient("thresholds")


async def threshold_view(upn: str, first: date, last: date) -> ThresholdView:
    """Return what has been judged of a pupil's marks in a period; nothing where the pupil has not been heard of. Raises Unavailable."""
    try:
        found = await THRESHOLDS.get(f"/v1/pupils/{upn}/judged", **{"from": first.isoformat(), "to": last.isoformat()})
    except NotFound:
        return ThresholdView({}, {})
    return ThresholdView(
        {mark_key(mark): mark["version"] for mark in found["marks"]},
        {UUID(run["run_id"]): run["revision"] for run in found["runs"]},
        tuple(Session.of({**mark, "set_aside": True}) for mark in found["set_aside"]),
        frozenset((date.fromisoformat(mark["date"]), mark["session"], mark["urn"]) for mark in found["lost"]),
    )
