"""Court files, the officers' decisions on them, bundles, and time limits for anyone who has to keep them."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from services.prosecutions.domain.files import Status
from services.prosecutions.schemas import AnswerIn, ChargeIn, ClearanceIn, FileOut, FileShown, LimitsIn, LimitsOut, OutcomeIn, WithdrawalIn
from services.prosecutions.use_cases import bundle, decisions, files
from shared.http import Caller, Db, Page, Paging, Router, Tx, Upn, allow

READERS = ("aco", "acsa", "business-support", "manager")
DECIDERS = ("aco", "manager")

router = Router(tags=["files"])


@router.get("/files")
@allow(*READERS)
async def list_files(
    tx: Tx, caller: Caller, paging: Paging, status: Status | None = None, upn: Upn | None = None, notice_id: UUID | None = None
) -> Page[FileShown]:
    """Court files in a state, of a pupil, or that are based on a notice: the nearest limit first, those that have ended behind, the latest first."""
    return Page[FileShown].of(
        await files.list_files(tx, caller, paging, status=status, upn=upn, notice_id=notice_id), FileShown.model_validate
    )


@router.get("/files/{file_id}")
@allow(*READERS, guard=files.own_file)
async def read_file(tx: Tx, file_id: UUID) -> FileOut:
    """One file: sessions, limits, chronology, findings, proofs of serving, gates, holds."""
    return FileOut.of(await files.read_file(tx, file_id))


@router.get("/files/{file_id}/bundle.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
@allow(*READERS, guard=files.own_file, transaction=False)
async def read_bundle(database: Db, file_id: UUID) -> Response:
    """The file as one document for court, with names and addresses as they are now."""
    return Response(await bundle.print_bundle(database, file_id), media_type="application/pdf")


@router.post("/files/{file_id}/gates/{gate}", status_code=201)
@allow(*DECIDERS, guard=files.own_file)
async def answer_gate(tx: Tx, caller: Caller, file_id: UUID, gate: Annotated[str, Path(max_length=50)], body: AnswerIn) -> FileOut:
    """Answer one gate of a draft, by name and with a reason; an earlier answer stays on record."""
    await decisions.answer_gate(tx, caller, file_id, gate, body.answer, body.reason)
    return await read_file(tx, file_id)


@router.post("/files/{file_id}/charge", status_code=201)
@allow(*DECIDERS, guard=files.own_file)
async def charge(tx: Tx, caller: Caller, file_id: UUID, body: ChargeIn) -> FileOut:
    """Record that a charge was brought. 409 names every gate that is open or adverse, and every other obstacle."""
    await decisions.charge(tx, caller, file_id, body.charged_on)
    return await read_file(tx, file_id)


@router.post("/files/{file_id}/outcome", status_code=201)
@allow(*DECIDERS, guard=files.own_file)
async def conclude(tx: Tx, caller: Caller, file_id: UUID, body: OutcomeIn) -> FileOut:
    """Record what the court decided on a charge."""
    await decisions.conclude(tx, caller, file_id, body.outcome, body.orders, body.concluded_on)
    return await read_file(tx, file_id)


@router.post("/files/{file_id}/withdrawal", status_code=201)
@allow(*DECIDERS, guard=files.own_file)
async def withdraw(tx: Tx, caller: Caller, file_id: UUID, body: WithdrawalIn) -> FileOut:
    """Give a file up, before or after the charge."""
    await decisions.withdraw(tx, caller, file_id, body.ground, body.reason)
    return await read_file(tx, file_id)


@router.post("/files/{file_id}/clearances", status_code=201)
@allow(*DECIDERS, guard=files.own_file)
async def clear(tx: Tx, caller: Caller, file_id: UUID, body: ClearanceIn) -> FileOut:
    """Clear the holds of a file, after a look at their causes."""
    await decisions.clear(tx, caller, file_id, body.reason)
    return await read_file(tx, file_id)


@router.post("/time-limits", tags=["time limits"])
@allow("school", "accredited", *READERS, stores=False)
async def assess_limits(body: LimitsIn) -> LimitsOut:
    """The last days on which these sessions can be charged; stores nothing."""
    return LimitsOut.of(files.assess_limits([each.date for each in body.sessions]))
