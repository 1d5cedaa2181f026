"""Files that bear a day which lies ahead: the date was wrong when they were opened."""

from collections.abc import Sequence
from uuid import UUID

from services.prosecutions import repository
from services.prosecutions.domain.chronology import Step
from shared import clock
from shared.attendance.dates import long_date
from shared.database import Transaction
from shared.due_work import DueWork, in_one_transaction

BATCH_SIZE = 50
"""Files that one transaction dates."""


async def _find(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return [str(file_id) for file_id in await repository.files_opened_ahead(tx, job, clock.today(), limit)]


async def _date(tx: Transaction, keys: Sequence[str]) -> int:
    today = clock.today()
    ahead = await repository.lock_files_opened_ahead(tx, today, [UUID(key) for key in keys])
    for file_id, entered_on in ahead:
        await repository.store_opening(tx, file_id, today)
        entry = f"The file is open since this day or before: it was entered with {long_date(entered_on)}, while the date was wrong"
        await repository.add_steps(tx, file_id, Step(today, entry))
    return len(ahead)


date_files = DueWork("files opened ahead", _find, in_one_transaction(_date), batch=BATCH_SIZE)
"""Gives files that were opened on a day which lies ahead the first day that is known to be right: nothing is charged before that day."""
