"""Holding a court file until an officer has looked at what happened."""

from uuid import UUID

from services.prosecutions import repository
from services.prosecutions.domain.chronology import Step
from services.prosecutions.domain.files import changed_serving
from services.prosecutions.domain.holds import Cause
from shared import clock
from shared.database import Transaction


async def hold(tx: Transaction, file_id: UUID, cause: Cause, entry: str) -> None:
    """Hold a file and enter that in its chronology, unless this very fact has held it before."""
    if await repository.add_hold(tx, file_id, cause, clock.today()):
        await repository.add_steps(tx, file_id, Step(clock.today(), f"Held: {entry}"))


async def hold_where_serving_changed(tx: Transaction, notice_id: UUID) -> None:
    """Hold the file of a notice that was received later than the file states, or whose letter came back: the time for paying is not over."""
    file = await repository.lock_file_of_notice(tx, notice_id)
    if file is None or not file.is_open:
        return
    if cause := changed_serving(file, await repository.notice_state(tx, notice_id)):
        await hold(tx, file.id, cause, f"{cause.text[:1].lower()}{cause.text[1:]}")
