"""Court files: drafts with the time that is left, and what each holds."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.console.answers import File, FileSummary, Listed
from services.console.pages.people import pupils
from services.console.visit import Visit

router = APIRouter()

SHOWN = 50


@router.get("/files")
async def list_files(
    visit: Visit,
    status: Literal["draft", "charged", "concluded", "withdrawn", "stopped"] = "draft",
    after: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Court files in one state, a page at a time."""
    services = visit.services
    found = await services.get("prosecutions", "/v1/files", Listed[FileSummary], status=status, after=after, limit=SHOWN)
    names = await pupils(services, [file.pupil_id for file in found.items])
    return visit.page("files.html", state=status, files=found.items, next=found.next, pupils=names)


@router.get("/files/{file_id}")
async def show_file(visit: Visit, file_id: UUID) -> Response:
    """One file: its sessions, both time limits, chronology, gates and the law applied."""
    services = visit.services
    file = await services.get("prosecutions", f"/v1/files/{file_id}", File)
    return visit.page("file.html", file=file, pupil=(await pupils(services, [file.pupil_id])).get(file.pupil_id))


@router.get("/files/{file_id}/bundle.pdf")
async def show_bundle(visit: Visit, file_id: UUID) -> Response:
    """The bundle as prosecutions makes it."""
    return await visit.services.document("prosecutions", f"/v1/files/{file_id}/bundle.pdf", f"bundle-{file_id}.pdf")
