"""Imports: files of marks, how far each has come, and the lines that were refused."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse

from services.console.answers import Import, Listed, RefusedLine
from services.console.clients import Refused, ServiceDown
from services.console.pages.refusals import sentences
from services.console.pages.schools import SHOWN, After
from services.console.pages.steps import Errors, said
from services.console.rendering import IMPORTERS
from services.console.session import Form
from services.console.visit import Visit, VisitInfo
from shared.ids import new_id

router = APIRouter()

LONGEST_FILE = 512 * 1024 * 1024
"""Bytes; as much as registers takes."""


@router.get("/imports")
async def list_imports(visit: Visit, after: After = None, urn: Annotated[int | None, Query(ge=100000, le=999999)] = None) -> Response:
    """Imports, the latest first; of one school, where it is named."""
    found = await visit.services.get("registers", "/v1/imports", Listed[Import], after=after, urn=urn, limit=SHOWN)
    return visit.page("imports.html", imports=found.items, next=found.next, urn=urn)


@router.get("/imports/new")
async def ask_for_file(visit: Visit, urn: Annotated[int | None, Query(ge=100000, le=999999)] = None) -> Response:
    """Ask for a file of marks."""
    _need_importer(visit)
    return _form(visit, FormData({"urn": str(urn)} if urn else {}), [])


@router.post("/imports/new", max_body_size=LONGEST_FILE)
async def send_file(visit: Visit, form: Form) -> Response:
    """Hand a file to registers; sent twice, it is imported once."""
    _need_importer(visit)
    file, urn = form.get("file"), said(form, "urn")
    if not isinstance(file, UploadFile) or not file.filename:
        return _form(visit, form, [("file", "Choose a file")], 422)
    if urn and not (len(urn) == 6 and urn.isascii() and urn.isdecimal()):
        return _form(visit, form, [("urn", "Enter a URN of six digits, or leave it empty")], 422)
    parts = {"file": (file.filename, file.file, "application/octet-stream")}
    if mapping := said(form, "mapping"):
        parts["mapping"] = ("mapping.toml", mapping.encode(), "application/toml")  # type: ignore[assignment]
    key = str(form.get("idempotency_key", "")) or None
    try:
        made = await visit.services.upload("registers", "/v1/imports", parts, key, urn=urn, format=said(form, "format"))
    except Refused as refusal:
        if refusal.status not in {404, 409, 413, 422}:
            raise
        return _form(visit, form, [(field or "file", text) for field, text in sentences(refusal)], refusal.status)
    except ServiceDown:
        return _form(
            visit, form, [("file", "The service for registers does not answer. Wait a minute, choose the file again and send it")], 502
        )
    return RedirectResponse(f"/imports/{UUID(made['id'])}?done=import", 303)


@router.get("/imports/{import_id}")
async def show_import(visit: Visit, import_id: UUID, after: After = None) -> Response:
    """How far an import has come, and the lines that were refused so far, with their reasons."""
    services = visit.services
    found, lines = await asyncio.gather(
        services.get("registers", f"/v1/imports/{import_id}", Import),
        services.get("registers", f"/v1/imports/{import_id}/report", Listed[RefusedLine], after=after, limit=SHOWN),
    )
    return visit.page("import.html", found=found, lines=lines.items, next=lines.next, after=after)


@router.get("/imports/{import_id}/report.csv")
async def download_report(visit: Visit, import_id: UUID) -> Response:
    """The lines that were refused, as a file for a spreadsheet."""
    path = f"/v1/imports/{import_id}/report.csv"
    return await visit.services.document("registers", path, f"import-{import_id}.csv", "text/csv", "attachment")


def _need_importer(visit: VisitInfo) -> None:
    """Refuse before a long file is sent what registers would refuse after it."""
    if not visit.session.person.has(*IMPORTERS):
        raise Refused("registers", 403, {"detail": "This needs another role."})


def _form(visit: VisitInfo, form: FormData, errors: Errors, status: int = 200) -> Response:
    key = form.get("idempotency_key") or str(new_id())
    return visit.page("import_new.html", status=status, form=form, errors=errors, key=key)
