"""Record what followed an entry."""

from datetime import date
from uuid import UUID

from services.penalties.case_file.use_cases.problems import require
from services.penalties.support.domain.steps import Step, StepKind, step_refusals
from services.penalties.support.repository.entries import add_step, steps_of, versions_of
from services.penalties.support.use_cases.problems import StepRefused
from services.penalties.support.use_cases.read import ShownEntry, show_entry
from services.penalties.support.use_cases.record import lock_own_entry
from shared import clock
from shared.database import Transaction
from shared.http import CallerInfo
from shared.ids import new_id


async def record_step(tx: Transaction, caller: CallerInfo, entry_id: UUID, *, step: StepKind, taken_on: date, notes: str) -> ShownEntry:
    """Record the next step after an entry, as one of those for whom it was written; raise StepRefused where it cannot follow now."""
    await lock_own_entry(tx, caller, entry_id)
    content, steps = (await versions_of(tx, entry_id))[-1].content, await steps_of(tx, [entry_id])
    require(tuple(step_refusals(content, steps, step, taken_on, clock.today())), StepRefused)
    taken = Step(
        id=new_id(),
        entry_id=entry_id,
        step=step,
        taken_on=taken_on,
        notes=notes,
        recorded_by=caller.person(),
        recorded_by_role=caller.role,
        recorded_by_subject=caller.subject,
        recorded_at=clock.now(),
    )
    await add_step(tx, taken)
    return await show_entry(tx, entry_id)
