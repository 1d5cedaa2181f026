"""The support log of a child."""

from uuid import UUID

from services.penalties.case_file.domain.roles import READ, SUPPORT
from services.penalties.case_file.use_cases.access import own_case
from services.penalties.support.schemas import CompletenessOut, CorrectionIn, EntryIn, EntryOut, EntrySummary, StepIn
from services.penalties.support.use_cases import read, record, step
from shared.http import Caller, Page, Paging, Router, Tx, allow

router = Router(tags=["support"])


@router.post("/cases/{case_id}/support-entries", status_code=201)
@allow(*SUPPORT, guard=own_case)
async def record_entry(tx: Tx, caller: Caller, case_id: UUID, body: EntryIn) -> EntryOut:
    """Record what was done or offered for the child of this case, or why it was not; each of the child's cases shows it."""
    return EntryOut.model_validate(await record.record_entry(tx, caller, case_id, body.content()))


@router.get("/cases/{case_id}/support-entries")
@allow(*READ, guard=own_case)
async def list_entries(tx: Tx, paging: Paging, case_id: UUID) -> Page[EntrySummary]:
    """The log of the child of this case, the latest first. A school where the child no longer is sees what was while they were there."""
    return Page[EntrySummary].of(await read.show_log(tx, case_id, paging), EntrySummary.model_validate)


@router.get("/cases/{case_id}/support-completeness")
@allow(*READ, guard=own_case)
async def read_completeness(tx: Tx, case_id: UUID) -> CompletenessOut:
    """What the log lacks by the checklist of the case's authority, in words, and which offers or letters are alike. It informs; a person decides."""
    return CompletenessOut.model_validate(await read.show_completeness(tx, case_id))


@router.get("/support-entries/{entry_id}")
@allow(*READ, guard=read.own_entry)
async def read_entry(tx: Tx, entry_id: UUID) -> EntryOut:
    """One entry with every version of it."""
    return EntryOut.model_validate(await read.show_entry(tx, entry_id))


@router.post("/support-entries/{entry_id}/versions", status_code=201)
@allow(*SUPPORT, guard=read.own_entry)
async def correct_entry(tx: Tx, caller: Caller, entry_id: UUID, body: CorrectionIn) -> EntryOut:
    """Correct an entry, as one of those for whom it was written: all that now holds, and why. What was written before stays to be read."""
    corrected = await record.correct_entry(tx, caller, entry_id, version=body.version, reason=body.reason, content=body.content())
    return EntryOut.model_validate(corrected)


@router.post("/support-entries/{entry_id}/steps", status_code=201)
@allow(*SUPPORT, guard=read.own_entry)
async def record_step(tx: Tx, caller: Caller, entry_id: UUID, body: StepIn) -> EntryOut:
    """Record what followed a referral to an agency, advice, or a request for medical evidence, as one of those for whom it was written."""
    return EntryOut.model_validate(await step.record_step(tx, caller, entry_id, step=body.step, taken_on=body.taken_on, notes=body.notes))
