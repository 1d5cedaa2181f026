"""Court files: the lists, and what each file contains."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response

from services.console.context import Context
from services.console.pages.people import load_pupils
from services.console.pages.schools import After
from services.console.responses.cases import File, FileSummary
from services.console.responses.values import ListResponse

router = APIRouter()

PAGE_SIZE = 50


@router.get("/files")
async def list_files(
    context: Context,
    status: Literal["draft", "charged", "concluded", "withdrawn", "stopped"] = "draft",
    after: After = None,
) -> Response:
    """Court files in one state, a page at a time."""
    services = context.services
    found = await services.get("prosecutions", "/v1/files", ListResponse[FileSummary], status=status, after=after, limit=PAGE_SIZE)
    names = await load_pupils(services, [file.pupil_id for file in found.items])
    return context.render("files.html", state=status, found=found, pupils=names)


@router.get("/files/{file_id}")
async def show_file(context: Context, file_id: UUID) -> Response:
    """One file: its sessions, both time limits, chronology, gates and the law applied."""
    services = context.services
    file = await services.get("prosecutions", f"/v1/files/{file_id}", File)
    return context.render("file.html", file=file, pupil=(await load_pupils(services, [file.pupil_id])).get(file.pupil_id))


@router.get("/files/{file_id}/bundle.pdf")
async def show_bundle(context: Context, file_id: UUID) -> Response:
    """The bundle as prosecutions makes it."""
    return await context.services.document("prosecutions", f"/v1/files/{file_id}/bundle.pdf", f"bundle-{file_id}.pdf")
