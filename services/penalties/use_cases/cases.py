"""Cases: opened and kept current by the threshold, read by people."""

from datetime import date
from typing import Any
from uuid import UUID

from services.penalties.clients import registers
from services.penalties.domain.actions import actions
from services.penalties.domain.improvement import shown_status
from services.penalties.repository import cases, holds, notices, projections
from services.penalties.use_cases.access import may_reach_school, reach_of
from services.penalties.use_cases.dossiers import load_case
from shared import clock
from shared.contracts.penalties import CaseOpened
from shared.contracts.thresholds import ThresholdMet, ThresholdWithdrawn
from shared.database import Database, Transaction
from shared.http import CallerInfo
from shared.ids import new_id
from shared.messaging import publish


async def meet_threshold(tx: Transaction, event: ThresholdMet) -> None:
    """Open a case for a pupil who met the threshold, or bring their open one up to date.

    A newer revision and a new run both belong to the pupil's one open case; a run whose case is closed opens none.
    """
    await cases.lock_pupil(tx, event.pupil_id)
    run = await cases.run_row(tx, event.run_id)
    if run is not None and run.revision >= event.revision:
        return
    case = await cases.case_row(tx, run.case_id, lock=True) if run and run.case_id else await cases.open_case_row(tx, event.pupil_id)
    if case is None:
        await _open(tx, event)
        return
    await cases.save_run(tx, event.run_id, event.pupil_id, case.id, event.revision)
    superseded = run is not None and run.case_id is not None and case.run_id != event.run_id
    if case.status == "open" and not superseded:
        await cases.update_case(tx, case.id, **_judged(event))


async def _open(tx: Transaction, event: ThresholdMet) -> None:
    case_id, today = new_id(), clock.today()
    await cases.insert_case(tx, {"id": case_id, "pupil_id": event.pupil_id, "status": "open", "opened_on": today, **_judged(event)})
    await cases.save_run(tx, event.run_id, event.pupil_id, case_id, event.revision)
    opened = CaseOpened(
        case_id=case_id, run_id=event.run_id, pupil_id=event.pupil_id, urn=event.urn, la_code=event.la_code, opened_on=today
    )
    await publish(tx, opened)


def _judged(event: ThresholdMet) -> dict[str, Any]:
    """Return what the threshold says of a case."""
    said = event.model_dump(mode="json")
    return {
        "run_id": event.run_id,
        "urn": event.urn,
        "la_code": event.la_code,
        "policy": event.policy,
        "threshold": "met",
        "met_on": event.met_at.date,
        "met_session": event.met_at.session,
        "window_from": event.window.start,
        "window_to": event.window.end,
        "sessions": said["sessions"],
        "counting": said["counting"],
        "counts": event.counts,
        "holiday": event.holiday,
        "holiday_from": event.holiday_period.start if event.holiday_period else None,
        "holiday_to": event.holiday_period.end if event.holiday_period else None,
        "earliest_time_bar": event.earliest_time_bar,
        "findings": said["findings"],
    }


async def withdraw_threshold(tx: Transaction, event: ThresholdWithdrawn) -> None:
    """Note that amendments took the run below the threshold: no notice may be issued, and a person decides what becomes of the case."""
    await cases.lock_pupil(tx, event.pupil_id)
    run = await cases.run_row(tx, event.run_id)
    if run is not None and run.revision >= event.revision:
        return
    case = await cases.case_row(tx, run.case_id, lock=True) if run and run.case_id else None
    await cases.save_run(tx, event.run_id, event.pupil_id, case.id if case else None, event.revision)
    if case is not None and case.status == "open" and case.run_id == event.run_id:
        counting = event.model_dump(mode="json")["counting"]
        await cases.update_case(tx, case.id, threshold="withdrawn", counting=counting)


async def list_cases(
    tx: Transaction, caller: CallerInfo, *, upn: str | None, urn: int | None, status: str | None, after: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Return up to `limit` cases that are the caller's own, with how many sessions count."""
    reach = await reach_of(tx, caller)
    may_reach_school(reach, urn)
    rows = await cases.case_page(tx, reach, upn=upn, urn=urn, status=status, after=after, limit=limit)
    return [_summary(row) for row in rows]


async def read_case(database: Database, caller: CallerInfo, case_id: UUID) -> dict[str, Any]:
    """Return a case with all that was said and done in it, the names as registers has them now, and the steps possible today."""
    async with database.begin() as tx:
        found = await _read(tx, caller, case_id)
    people = await registers.names(found["pupil_id"])
    pupil = people.get(found["pupil_id"])
    parents = [{**parent, "name": people[parent["id"]].name if parent["id"] in people else None} for parent in found["parents"]]
    return {**found, "pupil_name": pupil.name if pupil else None, "parents": parents}


async def _read(tx: Transaction, caller: CallerInfo, case_id: UUID) -> dict[str, Any]:
    case = await load_case(tx, case_id)
    row = await cases.case_row(tx, case_id)
    assert row is not None  # noqa: S101 -- it was loaded a line above
    today = clock.today()
    improvement_notices = await notices.improvement_notice_rows(tx, case_id)
    penalty_notices = [each for each in await notices.penalty_notice_rows(tx, case.pupil_id) if each.case_id == case_id]
    agreements = await cases.agreement_rows(tx, case_id)
    return {
        **_summary(row),
        "upn": await projections.upn_of(tx, case.pupil_id),
        "window": {"from": row.window_from, "to": row.window_to},
        "sessions": row.sessions,
        "counting": row.counting,
        "counts": row.counts,
        "holiday_period": {"from": row.holiday_from, "to": row.holiday_to} if row.holiday_from else None,
        "findings": row.findings,
        "parents": await _parents(tx, case.pupil_id, [each.parent_id for each in (*improvement_notices, *penalty_notices)]),
        "decisions": await cases.decision_rows(tx, case_id),
        "agreement": agreements[-1] if agreements else None,
        "agreements": agreements,
        "notices": [*(_improvement_notice(each, today) for each in improvement_notices), *penalty_notices],
        "held": case.held,
        "holds": await holds.hold_rows(tx, case_id),
        "actions": actions(case, caller.roles, today),
    }


async def _parents(tx: Transaction, pupil_id: UUID, noticed: list[UUID]) -> list[dict[str, Any]]:
    """Return a pupil's parents as schools know them, and those whom only a notice still names."""
    parents: dict[UUID, dict[str, Any]] = {}
    for row in await projections.parents_of(tx, pupil_id):
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
