"""Holding a court file until an officer has looked at what happened, and giving it up."""

from uuid import UUID

from services.prosecutions import repository
from services.prosecutions.domain.chronology import Step
from services.prosecutions.domain.files import CourtFile, Status, changed_serving
from services.prosecutions.domain.holds import Cause
from shared import clock
from shared.contracts.prosecutions import ProsecutionWithdrawn, WithdrawalGround
from shared.database import Transaction
from shared.messaging import publish


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


async def give_up(tx: Transaction, file: CourtFile, to: Status, ground: WithdrawalGround, entry: Step) -> bool:
    """Bring a file to its end without a verdict, enter that in its chronology and publish it; return whether its state allowed that."""
    if not await repository.store_end(tx, file.id, to, clock.today(), ground):
        return False
    await repository.add_steps(tx, file.id, entry)
    await publish(tx, ProsecutionWithdrawn.of(file, file_id=file.id, reason=ground, withdrawn_on=clock.today()))
    return True
