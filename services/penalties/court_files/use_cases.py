"""Court files, as far as cases and penalty notices follow them."""

from dataclasses import replace
from datetime import date, timedelta

from services.penalties.case_file.domain.facts import Case, CourtFile
from services.penalties.case_file.domain.sessions import Session
from services.penalties.case_file.repository.cases import find_case, find_court_file, save_court_file
from services.penalties.case_file.use_cases.matters import judge_matters
from services.penalties.law import law_of
from services.penalties.notices.repository import store_verdict
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.database import Transaction


async def record_court_file(tx: Transaction, event: ProsecutionFileOpened) -> None:
    """Store that a court file is open: the case stays open with it."""
    await find_case(tx, event.case_id, lock=True)
    file = await find_court_file(tx, event.file_id) or _new_file(event)
    if not file.notice_ids:  # also where the charge was known first, which names none
        await save_court_file(tx, replace(file, notice_ids=event.notice_ids, agreement_id=event.agreement_id))
        await judge_matters(tx, event.case_id)


async def record_charge(tx: Transaction, event: ProsecutionCharged) -> None:
    """Store a charge: its sessions are spent against the parent, whatever the verdict."""
    await find_case(tx, event.case_id, lock=True)
    file = await find_court_file(tx, event.file_id) or _new_file(event)
    sessions = tuple(Session(each.date, each.session, each.code, each.urn, each.version) for each in event.sessions)
    status = "charged" if file.is_open else file.status
    await save_court_file(tx, replace(file, charged_sessions=sessions, status=status, charged_on=event.charged_on))
    await judge_matters(tx, event.case_id)


async def record_conclusion(tx: Transaction, event: ProsecutionConcluded) -> None:
    """Store the court's decision, with which the parent's matter ends; after an acquittal a notice no longer counts towards the cap."""
    case = await find_case(tx, event.case_id, lock=True)  # before its notices, as everyone does
    file = await find_court_file(tx, event.file_id) or _new_file(event)
    concluded = replace(
        file,
        notice_ids=event.notice_ids,
        status="concluded",
        ended_on=event.concluded_on,
        acquitted=event.acquitted,
        verdict=event.outcome,
        appeal_until=_appeal_until(case, event.concluded_on) if case and event.acquitted else None,
    )
    await save_court_file(tx, concluded)
    for notice_id in event.notice_ids:
        await store_verdict(tx, notice_id, event.concluded_on, acquitted=event.acquitted)
    await judge_matters(tx, event.case_id)


async def record_withdrawal(tx: Transaction, event: ProsecutionWithdrawn) -> None:
    """Store that the authority gave a file up. The matter ends with it only where its notice is paid or withdrawn."""
    await find_case(tx, event.case_id, lock=True)
    file = await find_court_file(tx, event.file_id) or _new_file(event)
    await save_court_file(tx, replace(file, notice_ids=event.notice_ids, status="withdrawn", ended_on=event.withdrawn_on))
    await judge_matters(tx, event.case_id)


def _appeal_until(case: Case, concluded_on: date) -> date:
    """Return the last day on which the prosecutor may appeal against an acquittal."""
    return concluded_on + timedelta(law_of(case.la_code).at("appeal_days", concluded_on).value)


def _new_file(event: ProsecutionFileOpened | ProsecutionCharged | ProsecutionConcluded | ProsecutionWithdrawn) -> CourtFile:
    return CourtFile(id=event.file_id, case_id=event.case_id, pupil_id=event.pupil_id, parent_id=event.parent_id)
