"""The support log of a child: what was tried, what it still lacks, and the forms that record and correct."""

import asyncio
from uuid import UUID

from fastapi import APIRouter, Response
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from services.console.clients import Refused, ServiceDown, Upload
from services.console.context import Context, PageContext
from services.console.pages.cases import read_case
from services.console.pages.forms import FormErrors, idempotency_key
from services.console.pages.refusals import sentences
from services.console.pages.schools import After
from services.console.pages.submission import submit
from services.console.pages.support_forms import CONTRACT_STATES, CORRECT, KINDS, LEAD, OFFICES, RECORD, STEP, WAYS, filled_form
from services.console.responses.support import Completeness, Entry, EntrySummary, Lead
from services.console.responses.values import ListResponse
from services.console.sign_in import Form
from shared.ids import new_id

router = APIRouter()

PAGE_SIZE = 50
MAX_FILE = 10 * 1024 * 1024 + 128 * 1024
"""Bytes of a form with a file; penalties takes one of 10 MB."""
WRITERS = {"school": "school", "accredited": "accredited", "aco": "authority", "acsa": "authority", "manager": "authority"}
"""Who records, and for whom."""


@router.get("/cases/{case_id}/support")
async def show_log(context: Context, case_id: UUID, after: After = None) -> Response:
    """The log of the case's child, with the form of a new entry on top and beside it what the log still lacks."""
    return await _log_page(context, case_id, FormData(), [], after=after)


@router.post("/cases/{case_id}/support")
async def record_entry(context: Context, case_id: UUID, form: Form) -> Response:
    """Record an entry; sent twice, the form counts once."""

    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _log_page(context, case_id, form, errors, status=status)

    return await submit(context, "penalties", RECORD, case_id, form, page, f"/cases/{case_id}/support", RECORD.slug)


@router.get("/cases/{case_id}/lead")
async def show_leads(context: Context, case_id: UUID, after: After = None) -> Response:
    """The lead professionals of a case, the present one first, and the form that records the next."""
    return await _lead_page(context, case_id, FormData(), [], after=after)


@router.post("/cases/{case_id}/lead")
async def record_lead(context: Context, case_id: UUID, form: Form) -> Response:
    """Record the lead professional of a case; sent twice, the form counts once."""

    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _lead_page(context, case_id, form, errors, status=status)

    return await submit(context, "penalties", LEAD, case_id, form, page, f"/cases/{case_id}/support", LEAD.slug)


@router.get("/cases/{case_id}/support/{entry_id}")
async def show_entry(context: Context, case_id: UUID, entry_id: UUID) -> Response:
    """One entry: all its versions, and the form that corrects it."""
    return await _entry_page(context, case_id, entry_id, None, [])


@router.post("/cases/{case_id}/support/{entry_id}")
async def correct_entry(context: Context, case_id: UUID, entry_id: UUID, form: Form) -> Response:
    """Correct an entry; sent twice, the form counts once."""

    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _entry_page(context, case_id, entry_id, form, errors, status=status)

    return await submit(context, "penalties", CORRECT, entry_id, form, page, f"/cases/{case_id}/support/{entry_id}", CORRECT.slug)


@router.post("/cases/{case_id}/support/{entry_id}/step")
async def record_step(context: Context, case_id: UUID, entry_id: UUID, form: Form) -> Response:
    """Record what followed an entry; sent twice, the form counts once."""

    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _entry_page(context, case_id, entry_id, None, errors, status=status, step_form=form)

    return await submit(context, "penalties", STEP, entry_id, form, page, f"/cases/{case_id}/support/{entry_id}", STEP.slug)


@router.post("/cases/{case_id}/support/{entry_id}/files", max_body_size=MAX_FILE)
async def attach_file(context: Context, case_id: UUID, entry_id: UUID, form: Form) -> Response:
    """Attach a file to an entry; sent twice, the form counts once."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _entry_page(context, case_id, entry_id, None, [("file", "Choose a file")], status=422)
    files: dict[str, Upload] = {"file": (file.filename, file.file, "application/octet-stream")}
    try:
        await context.services.upload("penalties", f"/v1/support-entries/{entry_id}/attachments", files, Entry, idempotency_key(form))
    except Refused as refusal:
        if refusal.status not in {409, 413, 422}:
            raise
        errors = [("file", text) for _, text in sentences(refusal)]
        return await _entry_page(context, case_id, entry_id, None, errors, status=refusal.status)
    except ServiceDown as down:
        text = "The service for cases does not answer. Wait a minute, choose the file again and send it"
        return await _entry_page(context, case_id, entry_id, None, [("file", text)], status=down.status)
    return context.done(f"/cases/{case_id}/support/{entry_id}", "support-file")


@router.get("/cases/{case_id}/support/{entry_id}/files/{number}")
async def download_file(context: Context, case_id: UUID, entry_id: UUID, number: int) -> Response:  # noqa: ARG001 -- the case is where it is shown
    """A file of an entry, to be saved."""
    services = context.services
    entry = await services.get("penalties", f"/v1/support-entries/{entry_id}", Entry)
    file = next((each for each in entry.attachments if each.number == number), None)
    if file is None:
        raise HTTPException(404)
    return await services.document(
        "penalties", f"/v1/support-entries/{entry_id}/attachments/{number}", file.name, file.media_type, "attachment"
    )


async def _log_page(
    context: PageContext, case_id: UUID, form: FormData, errors: FormErrors | Refused, *, after: str | None = None, status: int = 200
) -> Response:
    services = context.services
    (case, pupil), leads, log, completeness = await asyncio.gather(
        read_case(services, case_id),
        services.get("penalties", f"/v1/cases/{case_id}/lead-professionals", ListResponse[Lead], limit=1),
        services.get("penalties", f"/v1/cases/{case_id}/support-entries", ListResponse[EntrySummary], after=after, limit=PAGE_SIZE),
        services.get("penalties", f"/v1/cases/{case_id}/support-completeness", Completeness),
    )
    return context.render(
        "support.html",
        status=status,
        case=case,
        pupil=pupil,
        lead=leads.items[0] if leads.items else None,
        log=log,
        completeness=completeness,
        action=RECORD,
        may_record=_writes_for(context) is not None,
        **_form_variables(form, sentences(errors, case.names, RECORD.fields) if isinstance(errors, Refused) else errors),
    )


async def _lead_page(
    context: PageContext, case_id: UUID, form: FormData, errors: FormErrors | Refused, *, after: str | None = None, status: int = 200
) -> Response:
    services = context.services
    (case, pupil), leads = await asyncio.gather(
        read_case(services, case_id),
        services.get("penalties", f"/v1/cases/{case_id}/lead-professionals", ListResponse[Lead], after=after, limit=PAGE_SIZE),
    )
    return context.render(
        "support_lead.html",
        status=status,
        case=case,
        pupil=pupil,
        leads=leads,
        action=LEAD,
        may_record=_writes_for(context) is not None,
        form=form,
        errors=sentences(errors, case.names, LEAD.fields) if isinstance(errors, Refused) else errors,
        key=form.get("idempotency_key") or str(new_id()),
    )


async def _entry_page(
    context: PageContext,
    case_id: UUID,
    entry_id: UUID,
    form: FormData | None,
    errors: FormErrors | Refused,
    *,
    status: int = 200,
    step_form: FormData | None = None,
) -> Response:
    services, steps = context.services, step_form or FormData()
    (case, pupil), entry = await asyncio.gather(
        read_case(services, case_id), services.get("penalties", f"/v1/support-entries/{entry_id}", Entry)
    )
    sent = STEP if step_form else CORRECT
    found = sentences(errors, case.names, sent.fields) if isinstance(errors, Refused) else errors
    return context.render(
        "support_entry.html",
        status=status,
        case=case,
        pupil=pupil,
        entry=entry,
        action=CORRECT,
        step_action=STEP,
        step_form=steps,
        file_key=str(new_id()),
        step_key=steps.get("idempotency_key") or str(new_id()),
        may_correct=_writes_for(context) == entry.written_for,
        **_form_variables(filled_form(entry.content, entry.version) if form is None else form, found),
    )


def _form_variables(form: FormData, errors: FormErrors) -> dict[str, object]:
    return {
        "form": form,
        "errors": errors,
        "key": form.get("idempotency_key") or str(new_id()),
        "kinds": KINDS,
        "ways": WAYS,
        "contract_states": CONTRACT_STATES,
        "offices": OFFICES,
    }


def _writes_for(context: PageContext) -> str | None:
    """Return for whom the person who is signed in records, None where they do not."""
    return next((body for role, body in WRITERS.items() if context.sign_in.person.has(role)), None)
