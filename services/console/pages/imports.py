"""Imports: files of marks, how far each has come, and the lines that were refused."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from starlette.datastructures import FormData, UploadFile

from services.console.clients import Refused, ServiceDown, Upload
from services.console.context import Context, PageContext
from services.console.pages.forms import FormErrors, idempotency_key, text_field
from services.console.pages.refusals import sentences
from services.console.pages.schools import PAGE_SIZE, After
from services.console.rendering import IMPORTERS
from services.console.responses.problems import ProblemResponse
from services.console.responses.schools import Import, RefusedLine
from services.console.responses.values import ListResponse
from services.console.sign_in import Form
from shared.ids import new_id

router = APIRouter()

MAX_FILE = 512 * 1024 * 1024
"""Bytes; the same limit as registers has."""


@router.get("/imports")
async def list_imports(context: Context, after: After = None, urn: Annotated[int | None, Query(ge=100000, le=999999)] = None) -> Response:
    """Imports, the latest first; of one school, where it is named."""
    found = await context.services.get("registers", "/v1/imports", ListResponse[Import], after=after, urn=urn, limit=PAGE_SIZE)
    return context.render("imports.html", found=found, urn=urn)


@router.get("/imports/new")
async def ask_for_file(context: Context, urn: Annotated[int | None, Query(ge=100000, le=999999)] = None) -> Response:
    """Ask for a file of marks."""
    _need_importer(context)
    return _form(context, FormData({"urn": str(urn)} if urn else {}), [])


@router.post("/imports/new", max_body_size=MAX_FILE)
async def send_file(context: Context, form: Form) -> Response:
    """Upload a file to registers; sent twice, it is imported once."""
    _need_importer(context)
    file, urn = form.get("file"), text_field(form, "urn")
    if not isinstance(file, UploadFile) or not file.filename:
        return _form(context, form, [("file", "Choose a file")], 422)
    if urn and not (len(urn) == 6 and urn.isascii() and urn.isdecimal()):
        return _form(context, form, [("urn", "Enter a URN of six digits, or leave it empty")], 422)
    files: dict[str, Upload] = {"file": (file.filename, file.file, "application/octet-stream")}
    if mapping := text_field(form, "mapping"):
        files["mapping"] = ("mapping.toml", mapping.encode(), "application/toml")
    try:
        made = await context.services.upload(
            "registers", "/v1/imports", files, Import, idempotency_key(form), urn=urn, format=text_field(form, "format")
        )
    except Refused as refusal:
        if refusal.status not in {404, 409, 413, 422}:
            raise
        return _form(context, form, [(field or "file", text) for field, text in sentences(refusal)], refusal.status)
    except ServiceDown as down:
        text = "The service for registers does not answer. Wait a minute, choose the file again and send it"
        return _form(context, form, [("file", text)], down.status)
    return context.done(f"/imports/{made.id}", "import")


@router.get("/imports/{import_id}")
async def show_import(context: Context, import_id: UUID, after: After = None) -> Response:
    """How far an import has come, and the lines that were refused so far, with their reasons."""
    services = context.services
    found, lines = await asyncio.gather(
        services.get("registers", f"/v1/imports/{import_id}", Import),
        services.get("registers", f"/v1/imports/{import_id}/report", ListResponse[RefusedLine], after=after, limit=PAGE_SIZE),
    )
    return context.render("import.html", found=found, lines=lines, after=after)


@router.get("/imports/{import_id}/report.csv")
async def download_report(context: Context, import_id: UUID) -> Response:
    """The lines that were refused, as a file for a spreadsheet."""
    services = context.services
    return await services.document("registers", f"/v1/imports/{import_id}/report.csv", f"import-{import_id}.csv", "text/csv", "attachment")


def _need_importer(context: PageContext) -> None:
    """Refuse, before a long file is sent, a person whose upload registers would refuse."""
    if not context.sign_in.person.has(*IMPORTERS):
        raise Refused("registers", 403, ProblemResponse(detail="This needs another role."))


def _form(context: PageContext, form: FormData, errors: FormErrors, status: int = 200) -> Response:
    key = form.get("idempotency_key") or str(new_id())
    return context.render("import_new.html", status=status, form=form, errors=errors, key=key)
