"""A case with everything in it, and the steps possible now."""

from datetime import date
from typing import Any
from uuid import UUID

from services.penalties.case_file.repository.cases import agreement_rows, case_row, decision_rows
from services.penalties.case_file.repository.holds import hold_rows
from services.penalties.case_file.repository.notices import improvement_notice_rows, penalty_notice_rows
from services.penalties.case_file.use_cases.access import may_reach_school, visible_to
from services.penalties.case_file.use_cases.load import load_case
from services.penalties.improvement.domain import shown_status
from services.penalties.overview import clients
from services.penalties.overview.domain import actions
from services.penalties.overview.repository import case_page
from services.penalties.projections.repository import parent_rows, upn_of
from shared import clock
from shared.database import Database, Transaction
from shared.http import CallerInfo


async def list_cases(
    tx: Transaction, caller: CallerInfo, *, upn: str | None, urn: int | None, status: str | None, after: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Return up to `limit` cases that are the caller's own, with how many sessions count."""
    reach = await visible_to(tx, caller)
    may_reach_school(reach, urn)
    rows = await case_page(tx, reach, upn=upn, urn=urn, status=status, after=after, limit=limit)
    return [_summary(row) for row in rows]


async def read_case(database: Database, caller: CallerInfo, case_id: UUID) -> dict[str, Any]:
    """Return a case with all that was said and done in it, the names as registers has them now, and the steps possible today."""
    async with database.begin() as tx:
        found = await _read(tx, caller, case_id)
    people = await clients.names_of(found["pupil_id"])
    pupil = people.get(found["pupil_id"])
    parents = [{**parent, "name": people[parent["id"]].name if parent["id"] in people else None} for parent in found["parents"]]
    return {**found, "pupil_name": pupil.name if pupil else None, "parents": parents}


async def _read(tx: Transaction, caller: CallerInfo, case_id: UUID) -> dict[str, Any]:
    case = await load_case(tx, case_id)
    row = await case_row(tx, case_id)
    assert row is not None  # noqa: S101 -- it was loaded a line above
    today = clock.today()
    improvement_notices = await improvement_notice_rows(tx, case_id)
    penalty_notices = [each for each in await penalty_notice_rows(tx, case.pupil_id) if each.case_id == case_id]
    agreements = await agreement_rows(tx, case_id)
    return {
        **_summary(row),
        "upn": await upn_of(tx, case.pupil_id),
        "window": {"from": row.window_from, "to": row.window_to},
        "sessions": row.sessions,
        "counting": row.counting,
        "counts": row.counts,
        "holiday_period": {"from": row.holiday_from, "to": row.holiday_to} if row.holiday_from else None,
        "findings": row.findings,
        "parents": await _parents(tx, case.pupil_id, [each.parent_id for each in (*improvement_notices, *penalty_notices)]),
        "decisions": await decision_rows(tx, case_id),
        "agreement": agreements[-1] if agreements else None,
        "agreements": agreements,
        "notices": [*(_improvement_notice(each, today) for each in improvement_notices), *penalty_notices],
        "held": case.held,
        "holds": await hold_rows(tx, case_id),
        "actions": actions(case, caller.roles, today),
    }


async def _parents(tx: Transaction, pupil_id: UUID, noticed: list[UUID]) -> list[dict[str, Any]]:
    """Return a pupil's parents as schools know them, and those whom only a notice still names."""
    parents: dict[UUID, dict[str, Any]] = {}
    for row in await parent_rows(tx, pupil_id):
        first = {"id": row.parent_id, "relationship": row.relationship, "lives_with_pupil": row.lives_with_pupil, "open_match": False}
        parent = parents.setdefault(row.parent_id, first)
        parent["open_match"] = parent["open_match"] or row.open_match
    for parent_id in noticed:
        parents.setdefault(parent_id, {"id": parent_id, "relationship": None, "lives_with_pupil": None, "open_match": False})
    return list(parents.values())


def _improvement_notice(row: Any, today: date) -> dict[str, Any]:
    status = shown_status(row.status, row.ends_on, today)
    return {**row._mapping, "kind": "notice-to-improve", "status": status}  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping


def _summary(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "pupil_id": row.pupil_id,
        "upn": getattr(row, "upn", None),
        "urn": row.urn,
        "la_code": row.la_code,
        "status": row.status,
        "outcome": row.outcome,
        "opened_on": row.opened_on,
        "closed_on": row.closed_on,
        "threshold": row.threshold,
        "policy": row.policy,
        "met_at": {"date": row.met_on, "session": row.met_session},
        "holiday": row.holiday,
        "count": len(row.counting),
        "earliest_time_bar": row.earliest_time_bar,
    }
