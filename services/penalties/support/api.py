"""The support log of a child."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from fastapi.responses import StreamingResponse

from services.penalties.case_file.domain.roles import READ, SUPPORT
from services.penalties.case_file.use_cases.access import own_case
from services.penalties.support.domain.attachments import ENDINGS, LONGEST
from services.penalties.support.schemas import CompletenessOut, CorrectionIn, EntryIn, EntryOut, EntrySummary, LeadIn, LeadOut, StepIn
from services.penalties.support.use_cases import attach, lead, read, record, step
from shared.http import Caller, Db, Page, Paging, Router, Tx, Uploaded, allow
from shared.http.uploads import sent_as

router = Router(tags=["support"])

_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}
_FILES: dict[int | str, dict[str, Any]] = {200: {"content": {media_type: {} for media_type in ENDINGS}}}


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


@router.post("/cases/{case_id}/lead-professionals", status_code=201)
@allow(*SUPPORT, guard=own_case)
async def record_lead(tx: Tx, caller: Caller, case_id: UUID, body: LeadIn) -> LeadOut:
    """Record who leads the support in a case from a day on. Who led before stays to be read."""
    return LeadOut.model_validate(await lead.record_lead(tx, caller, case_id, name=body.name, office=body.office, since=body.since))


@router.get("/cases/{case_id}/lead-professionals")
@allow(*READ, guard=own_case)
async def list_leads(tx: Tx, paging: Paging, case_id: UUID) -> Page[LeadOut]:
    """The lead professionals of a case, the present one first."""
    return Page[LeadOut].of(await lead.show_leads(tx, case_id, paging), LeadOut.model_validate)


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


@router.post("/support-entries/{entry_id}/attachments", status_code=201, openapi_extra=_BODY, max_body_size=LONGEST + 64 * 1024)
@allow(*SUPPORT, guard=read.own_entry, upload=True)
async def attach_file(tx: Tx, caller: Caller, entry_id: UUID, upload: Uploaded) -> EntryOut:
    """Attach a file to an entry, as one of those for whom it was written: a PDF, a PNG or JPEG picture, or an e-mail, of 10 MB at most.

    It is recognised by its content, not by its name. It stays, as the entry does.
    """
    return EntryOut.model_validate(await attach.attach(tx, caller, entry_id, upload))


@router.get("/support-entries/{entry_id}/attachments/{number}", response_class=StreamingResponse, responses=_FILES)
@allow(*READ, guard=read.own_entry, transaction=False)
async def download_file(database: Db, entry_id: UUID, number: Annotated[int, Path(ge=1, le=1_000_000)]) -> StreamingResponse:
    """A file of an entry, to be saved."""
    found = await attach.read_attachment(database, entry_id, number)
    content = attach.content_of(database, entry_id, number)
    return StreamingResponse(content, media_type=found.media_type, headers={"Content-Length": str(found.size), **sent_as(found.name)})
