"""Court files, as far as cases and penalty notices follow them."""

from dataclasses import replace

from services.penalties.case_file.domain.facts import CourtFile
from services.penalties.case_file.domain.sessions import Session
from services.penalties.case_file.repository.cases import find_case, find_court_file, save_court_file
from services.penalties.case_file.use_cases.close import close_if_ended
from services.penalties.notices.repository import store_verdict
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.database import Transaction


async def record_court_file(tx: Transaction, event: ProsecutionFileOpened) -> None:
    """Store that a court file is open: the case stays open with it."""
    file = await find_court_file(tx, event.file_id) or _new_file(event)
    if not file.notice_ids:  # also where the charge was known first, which names none
        await save_court_file(tx, replace(file, notice_ids=event.notice_ids))


async def record_charge(tx: Transaction, event: ProsecutionCharged) -> None:
    """Store a charge: its sessions are spent against the parent, whatever the verdict."""
    file = await find_court_file(tx, event.file_id) or _new_file(event)
    sessions = tuple(Session(each.date, each.session, each.code, each.urn, each.version) for each in event.sessions)
    status = "charged" if file.is_open else file.status
    await save_court_file(tx, replace(file, charged_sessions=sessions, status=status, charged_on=event.charged_on))


async def record_conclusion(tx: Transaction, event: ProsecutionConcluded) -> None:
    """Store the court's decision; after an acquittal a notice no longer counts towards the cap. The case may end with it."""
    await find_case(tx, event.case_id, lock=True)  # before its notices, as everyone does
    file = await find_court_file(tx, event.file_id) or _new_file(event)
    concluded = replace(file, notice_ids=event.notice_ids, status="concluded", ended_on=event.concluded_on, acquitted=event.acquitted)
    await save_court_file(tx, concluded)
    for notice_id in event.notice_ids:
        await store_verdict(tx, notice_id, event.concluded_on, acquitted=event.acquitted)
    await close_if_ended(tx, event.case_id)


async def record_withdrawal(tx: Transaction, event: ProsecutionWithdrawn) -> None:
    """Store that the authority gave a file up. The case ends with it only where its notices are paid or withdrawn."""
    file = await find_court_file(tx, event.file_id) or _new_file(event)
    await save_court_file(tx, replace(file, notice_ids=event.notice_ids, status="withdrawn", ended_on=event.withdrawn_on))
    await close_if_ended(tx, event.case_id)


def _new_file(event: ProsecutionFileOpened | ProsecutionCharged | ProsecutionConcluded | ProsecutionWithdrawn) -> CourtFile:
    return CourtFile(id=event.file_id, case_id=event.case_id, pupil_id=event.pupil_id, parent_id=event.parent_id)
