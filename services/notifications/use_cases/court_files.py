"""Court files: recorded, so that letters about their notices show what became of them and none goes out that is pointless by then."""

from dataclasses import replace

from services.notifications import repository
from services.notifications.domain.court_files import CourtFile
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.database import Transaction


async def record_opened_file(tx: Transaction, event: ProsecutionFileOpened) -> None:
    """Store that a draft court file exists."""
    await _record(tx, CourtFile(event.file_id, event.case_id, event.pupil_id, event.parent_id, event.notice_ids, "opened", event.opened_on))


async def record_charge(tx: Transaction, event: ProsecutionCharged) -> None:
    """Store that a charge was brought."""
    await _record(tx, CourtFile(event.file_id, event.case_id, event.pupil_id, event.parent_id, (), "charged", event.charged_on))


async def record_conclusion(tx: Transaction, event: ProsecutionConcluded) -> None:
    """Store what the court decided; a notice that has not left for its parent does not leave any more."""
    file = CourtFile(event.file_id, event.case_id, event.pupil_id, event.parent_id, event.notice_ids, "concluded", event.concluded_on)
    await _record(tx, replace(file, outcome=event.outcome))


async def record_withdrawn_file(tx: Transaction, event: ProsecutionWithdrawn) -> None:
    """Store that a file was given up. Its notice may be served again, unless it is paid."""
    file = CourtFile(event.file_id, event.case_id, event.pupil_id, event.parent_id, event.notice_ids, "withdrawn", event.withdrawn_on)
    await _record(tx, replace(file, outcome=event.reason))


async def _record(tx: Transaction, file: CourtFile) -> None:
    before = await repository.lock_court_file(tx, file.id)
    if before and not file.replaces(before):
        return
    await repository.save_court_file(tx, replace(file, notice_ids=file.notice_ids or (before.notice_ids if before else ())))
    if file.ends_its_notices:
        for notice_id in file.notice_ids:
            await repository.cancel_unsent(tx, notice_id)
