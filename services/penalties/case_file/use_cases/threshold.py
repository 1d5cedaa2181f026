"""Open a case when the threshold is met, and keep it current."""

from typing import Any

from services.penalties.case_file.repository.cases import case_row, insert_case, lock_pupil, open_case_row, run_row, save_run, update_case
from shared import clock
from shared.contracts.penalties import CaseOpened
from shared.contracts.thresholds import ThresholdMet, ThresholdWithdrawn
from shared.database import Transaction
from shared.ids import new_id
from shared.messaging import publish


async def meet_threshold(tx: Transaction, event: ThresholdMet) -> None:
    """Open a case for a pupil who met the threshold, or bring their open one up to date.

    A newer revision and a new run both belong to the pupil's one open case; a run whose case is closed opens none.
    """
    await lock_pupil(tx, event.pupil_id)
    run = await run_row(tx, event.run_id)
    if run is not None and run.revision >= event.revision:
        return
    case = await case_row(tx, run.case_id, lock=True) if run and run.case_id else await open_case_row(tx, event.pupil_id)
    if case is None:
        await _open(tx, event)
        return
    await save_run(tx, event.run_id, event.pupil_id, case.id, event.revision)
    superseded = run is not None and run.case_id is not None and case.run_id != event.run_id
    if case.status == "open" and not superseded:
        await update_case(tx, case.id, **_judged(event))


async def _open(tx: Transaction, event: ThresholdMet) -> None:
    case_id, today = new_id(), clock.today()
    await insert_case(tx, {"id": case_id, "pupil_id": event.pupil_id, "status": "open", "opened_on": today, **_judged(event)})
    await save_run(tx, event.run_id, event.pupil_id, case_id, event.revision)
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
    await lock_pupil(tx, event.pupil_id)
    run = await run_row(tx, event.run_id)
    if run is not None and run.revision >= event.revision:
        return
    case = await case_row(tx, run.case_id, lock=True) if run and run.case_id else None
    await save_run(tx, event.run_id, event.pupil_id, case.id if case else None, event.revision)
    if case is not None and case.status == "open" and case.run_id == event.run_id:
        counting = event.model_dump(mode="json")["counting"]
        await update_case(tx, case.id, threshold="withdrawn", counting=counting)
