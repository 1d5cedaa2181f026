"""Imports: files of marks from other systems."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.registers.imports.domain import Format
from services.registers.imports.schemas import ImportOut, Refusal
from services.registers.imports.use_cases import accepting, reports
from shared.http import Caller, Db, Page, Paging, Router, Stopping, Tx, Uploaded, Urn, allow
from shared.http.uploads import sent_as

router = Router(tags=["imports"])

LONGEST_FILE = 512 * 1024 * 1024
"""Bytes; a million marks are 40 MB of CSV, or 170 MB of JSON."""

_FILE = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": _FILE},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": _FILE, "mapping": {"type": "string", "description": "What the columns mean, as TOML"}},
                }
            },
        },
    }
}


@router.post("/imports", status_code=201, openapi_extra=_BODY, max_body_size=LONGEST_FILE)
@allow("mis", "manager", upload=True)
async def post_import(
    tx: Tx,
    caller: Caller,
    upload: Uploaded,
    response: Response,
    format: Annotated[Format | None, Query(description="What the file is; default: what it shows itself")] = None,  # noqa: A002 -- its name on the wire
    urn: Annotated[Urn | None, Query(description="The school of lines that name none; default: the token's only school")] = None,
    name: Annotated[str | None, Query(max_length=200, description="The file's name, where it is sent by itself")] = None,
) -> ImportOut:
    """Accept a file of marks: as the body, or as the part `file` of a form with, perhaps, a `mapping` (TOML).

    CTF (XML), CSV, XLSX, or JSON shaped like Wonde's. The worker then stores it, register by register, by the rules of registers.
    """
    accepted = await accepting.accept(tx, caller, upload, format, urn, name)
    response.headers["Location"] = f"/v1/imports/{accepted.id}"
    return ImportOut.model_validate(accepted)


@router.get("/imports")
@allow("mis", "manager")
async def list_imports(
    tx: Tx, caller: Caller, paging: Paging, urn: Annotated[Urn | None, Query(description="The school of lines that name none")] = None
) -> Page[ImportOut]:
    """Imports, the latest first; a school's token sees its own."""
    return Page[ImportOut].of(await reports.read_imports(tx, caller, paging, urn), ImportOut.model_validate)


@router.get("/imports/{import_id}")
@allow("mis", "manager", guard=accepting.own_import)
async def read_import(tx: Tx, import_id: UUID) -> ImportOut:
    """One import, and how far it has come."""
    return ImportOut.model_validate(await accepting.read_import(tx, import_id))


@router.get("/imports/{import_id}/report")
@allow("mis", "manager", guard=accepting.own_import, rule=accepting.require_import)
async def read_report(tx: Tx, import_id: UUID, paging: Paging) -> Page[Refusal]:
    """Every line that was refused, and why."""
    return Page[Refusal].of(await reports.read_report(tx, import_id, paging), Refusal.model_validate)


@router.get("/imports/{import_id}/report.csv", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
@allow("mis", "manager", guard=accepting.own_import, rule=accepting.require_import, transaction=False)
async def download_report(database: Db, import_id: UUID) -> StreamingResponse:
    """Every line that was refused, and why, as CSV."""
    headers = sent_as(f"import-{import_id}.csv")
    return StreamingResponse(reports.write_report(database, import_id), media_type="text/csv", headers=headers)


@router.get("/imports/{import_id}/progress", response_class=EventSourceResponse)
@allow("mis", "manager", guard=accepting.own_import, rule=accepting.require_import, transaction=False)
async def follow_import(database: Db, import_id: UUID, stopping: Stopping) -> AsyncIterator[ServerSentEvent]:
    """How far an import has come, as server-sent events: `progress` whenever it changes, `end` when it is done or has failed."""
    async for row in reports.follow(database, import_id, stopping):
        yield ServerSentEvent(data=ImportOut.model_validate(row), event="end" if row.state in {"done", "failed"} else "progress")
