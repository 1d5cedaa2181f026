"""Court files, as far as cases and penalty notices follow them."""

from services.penalties.repository import holds, notices
from services.penalties.use_cases.closing import close_if_ended
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.database import Transaction

ENDED = frozenset({"concluded", "withdrawn"})


async def open_court_file(tx: Transaction, event: ProsecutionFileOpened) -> None:
    """Note that a court file is open: the case stays open with it."""
    if await holds.court_file_row(tx, event.file_id) is None:
        await holds.save_court_file(
            tx,
            event.file_id,
            case_id=event.case_id,
            pupil_id=event.pupil_id,
            parent_id=event.parent_id,
            notice_ids=[str(notice_id) for notice_id in event.notice_ids],
            charged_sessions=[],
            status="opened",
        )


async def charge(tx: Transaction, event: ProsecutionCharged) -> None:
    """Note a charge: its sessions are spent against the parent, whatever the verdict."""
    known = await holds.court_file_row(tx, event.file_id)
    await holds.save_court_file(
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


async def conclude(tx: Transaction, event: ProsecutionConcluded) -> None:
    """Note the court's decision; after an acquittal a notice no longer counts towards the cap. The case may end with it."""
    known = await holds.court_file_row(tx, event.file_id)
    await holds.save_court_file(
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
        await notices.update_penalty_notice(tx, notice_id, concluded_on=event.concluded_on, acquitted=event.acquitted)
    await close_if_ended(tx, event.case_id)


async def give_up(tx: Transaction, event: ProsecutionWithdrawn) -> None:
    """Note that the authority gave a file up. The case ends with it only where its notices are paid or withdrawn."""
    known = await holds.court_file_row(tx, event.file_id)
    await holds.save_court_file(
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
