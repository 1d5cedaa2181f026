"""Open a case when the threshold is met, and keep it current."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.facts import Case
from services.penalties.case_file.domain.sessions import Session
from services.penalties.case_file.repository import cases
from shared import clock
from shared.contracts.penalties import CaseOpened
from shared.contracts.thresholds import CountingSession, OwnCrossing, ThresholdMet, ThresholdWithdrawn
from shared.database import Transaction
from shared.ids import derived_id
from shared.messaging import publish


async def meet_threshold(tx: Transaction, event: ThresholdMet) -> None:
    """Open a case for the run of a pupil who met the threshold, or bring the run's open case up to date.

    A case is one run's: a newer run opens a case of its own beside it, and a run whose case is closed opens none. Only among older data a
    case was taken over by a newer run; the older one changes it no more.
    """
    await cases.lock_pupil(tx, event.pupil_id)
    run = await cases.find_run(tx, event.run_id)
    if run is not None and run.revision >= event.revision:
        return
    case = await cases.find_case(tx, run.case_id, lock=True) if run and run.case_id else None
    if run is None and (adopted := await _case_of_lost_run(tx, event)):
        case = replace(adopted, run_id=event.run_id)
    if case is None:
        await _open(tx, event)
        return
    await cases.save_run(tx, cases.RunRow(event.run_id, event.pupil_id, case.id, event.revision))
    if case.run_id != event.run_id:
        return
    if case.status == "open":
        await cases.save_case(tx, case_as_met(event, case.id, case.pupil_id, case.opened_on))
    elif event.separated:
        await cases.save_case(tx, _of_own(case, OwnCrossing.of(event)))


async def _case_of_lost_run(tx: Transaction, event: ThresholdMet) -> Case | None:
    """Return the open case that was opened by the very sessions by which a run is met that is new here.

    No session of an open case meets the threshold in another run. So `thresholds` came back from an old copy without the case's run, and met
    it anew under another id.
    """
    met_by = {(each.date, each.session, each.urn) for each in event.sessions}
    opened = (each for each in await cases.lock_open_cases(tx, event.pupil_id) if not each.by_hand)
    return next((each for each in opened if {session.at_school for session in each.sessions} == met_by), None)


async def _open(tx: Transaction, event: ThresholdMet) -> None:
    case = case_as_met(event, derived_id(event.run_id, "case"), event.pupil_id, clock.today())
    await cases.add_case(tx, case)
    await cases.save_run(tx, cases.RunRow(event.run_id, event.pupil_id, case.id, event.revision))
    await publish(tx, CaseOpened.of(case, case_id=case.id))


def case_as_met(event: ThresholdMet, case_id: UUID, pupil_id: UUID, opened_on: date) -> Case:
    """Return an open case as the threshold was judged."""
    holiday = event.holiday_period
    return Case(
        id=case_id,
        pupil_id=pupil_id,
        urn=event.urn,
        la_code=event.la_code,
        status="open",
        opened_on=opened_on,
        run_id=event.run_id,
        policy=event.policy,
        threshold="met",
        met_on=event.met_at.date,
        met_session=event.met_at.session,
        window_from=event.window.start,
        window_to=event.window.end,
        sessions=tuple(Session(each.date, each.session, each.code, each.urn, each.version) for each in event.sessions),
        counting=_counting(event.counting),
        counts=event.counts,
        holiday=event.holiday,
        holiday_from=holiday.start if holiday else None,
        holiday_to=holiday.end if holiday else None,
        earliest_time_bar=event.earliest_time_bar,
        findings=event.findings,
    )


def _counting(sessions: Iterable[CountingSession]) -> tuple[Session, ...]:
    return tuple(Session(each.date, each.session, each.code, each.urn, each.version, each.set_aside) for each in sessions)


async def withdraw_threshold(tx: Transaction, event: ThresholdWithdrawn) -> None:
    """Store that amendments took the run below the threshold: no notice may be issued, and a person decides what becomes of the case."""
    await cases.lock_pupil(tx, event.pupil_id)
    run = await cases.find_run(tx, event.run_id)
    if run is not None and run.revision >= event.revision:
        return
    case = await cases.find_case(tx, run.case_id, lock=True) if run and run.case_id else None
    await cases.save_run(tx, cases.RunRow(event.run_id, event.pupil_id, case.id if case else None, event.revision))
    if case is None or case.run_id != event.run_id:
        return
    case = _of_own(case, event.own) if event.own else case
    if case.status == "open":
        case = replace(case, threshold="withdrawn", counting=_counting(event.counting))
    await cases.save_case(tx, case)


def _of_own(case: Case, own: OwnCrossing) -> Case:
    """Return a case with the school, the authority and the sessions of its own pupil, after another record was another child's."""
    sessions = tuple(Session(each.date, each.session, each.code, each.urn, each.version) for each in own.sessions)
    case = replace(
        case, urn=own.urn, la_code=own.la_code, sessions=sessions, counts=dict(sorted(Counter(each.code for each in sessions).items()))
    )
    if own.met_at and own.window and own.earliest_time_bar:
        case = replace(
            case,
            met_on=own.met_at.date,
            met_session=own.met_at.session,
            earliest_time_bar=own.earliest_time_bar,
            window_from=own.window.start,
            window_to=own.window.end,
        )
    return case
