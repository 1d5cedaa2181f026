"""Court files, as far as cases and penalty notices follow them."""

from services.penalties.case_file.use_cases.close import close_if_ended
from services.penalties.court_files.repository import court_file_row, save_court_file
from services.penalties.notices.repository import update_penalty_notice
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.database import Transaction

ENDED = frozenset({"concluded", "withdrawn"})


async def record_court_file(tx: Transaction, event: ProsecutionFileOpened) -> None:
    """Note that a court file is open: the case stays open with it."""
    if await court_file_row(tx, event.file_id) is None:
        await save_court_file(
            tx,
            event.file_id,
            case_id=event.case_id,
            pupil_id=event.pupil_id,
            parent_id=event.parent_id,
            notice_ids=[str(notice_id) for notice_id in event.notice_ids],
            charged_sessions=[],
            status="opened",
        )


async def record_charge(tx: Transaction, event: ProsecutionCharged) -> None:
    """Note a charge: its sessions are spent against the parent, whatever the verdict."""
    known = await court_file_row(tx, event.file_id)
    await save_court_file(
        tx,
        event.file_id,
        case_id=event.case_id,
        pupil_id=event.pupil_id,
        parent_id=event.parent_id,
        notice_ids=known.notice_ids if known else [],
        charged_sessions=[session.model_dump(mode="json") for session in event.sessions],
        status=known.status if known and known.status in ENDED else "charged",
        charged_on=event.charged_on,
    )


async def record_conclusion(tx: Transaction, event: ProsecutionConcluded) -> None:
    """Note the court's decision; after an acquittal a notice no longer counts towards the cap. The case may end with it."""
    known = await court_file_row(tx, event.file_id)
    await save_court_file(
        tx,
        event.file_id,
        case_id=event.case_id,
        pupil_id=event.pupil_id,
        parent_id=event.parent_id,
        notice_ids=[str(notice_id) for notice_id in event.notice_ids],
        charged_sessions=known.charged_sessions if known else [],
        status="concluded",
        ended_on=event.concluded_on,
        acquitted=event.acquitted,
    )
    for notice_id in event.notice_ids:
        await update_penalty_notice(tx, notice_id, concluded_on=event.concluded_on, acquitted=event.acquitted)
    await close_if_ended(tx, event.case_id)


async def record_withdrawal(tx: Transaction, event: ProsecutionWithdrawn) -> None:
    """Note that the authority gave a file up. The case ends with it only where its notices are paid or withdrawn."""
    known = await court_file_row(tx, event.file_id)
    await save_court_file(
        tx,
        event.file_id,
        case_id=event.case_id,
        pupil_id=event.pupil_id,
        parent_id=event.parent_id,
        notice_ids=[str(notice_id) for notice_id in event.notice_ids],
        charged_sessions=known.charged_sessions if known else [],
        status="withdrawn",
        ended_on=event.withdrawn_on,
    )
    await close_if_ended(tx, event.case_id)
