"""Letters, the files as sent, messages to schools, and GOV.UK Notify's word on returned letters."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from services.notifications import use_cases
from services.notifications.domain import Status
from services.notifications.schemas import LetterInFull, LetterShown, RetryIn, ReturnedLetter, SchoolMessage
from shared.http import Caller, Page, Paging, Router, Tx, Urn, allow

READERS = ("school", "accredited", "aco", "acsa", "business-support", "manager", "service")

router = Router(tags=["letters"])


@router.get("/letters")
@allow(*READERS)
async def list_letters(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    about: UUID | None = None,
    status: Status | None = None,
    urn: Annotated[Urn | None, Query()] = None,
) -> Page[LetterShown]:
    """Letters, the oldest first: those about a notice, of a school, or in a state."""
    rows = await use_cases.letters_page(tx, caller, paging.limit, paging.after_id, about=about, status=status, urn=urn)
    return Page[LetterShown].of(rows, paging.limit, lambda row: row.id)


@router.get("/letters/{letter_id}.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
@allow(*READERS, guard=use_cases.may_see_letter)
async def read_pdf(tx: Tx, letter_id: UUID) -> Response:
    """The letter exactly as it was sent."""
    return Response(await use_cases.read_pdf(tx, letter_id), media_type="application/pdf")


@router.get("/letters/{letter_id}")
@allow(*READERS, guard=use_cases.may_see_letter)
async def read_letter(tx: Tx, letter_id: UUID) -> LetterInFull:
    """One letter with its proofs of service."""
    letter, proofs = await use_cases.read_letter(tx, letter_id)
    return LetterInFull.of(letter, proofs)


@router.post("/letters/{letter_id}/retries", status_code=201)
@allow("aco", "business-support", "manager", guard=use_cases.may_see_letter)
async def retry_letter(tx: Tx, caller: Caller, letter_id: UUID, body: RetryIn) -> LetterInFull:
    """Ask again for a letter that failed, once what stood in the way is put right: it is made afresh."""
    await use_cases.retry_letter(tx, caller, letter_id, body.reason)
    return await read_letter(tx, letter_id)


@router.get("/school-messages")
@allow("school", "aco", "acsa", "business-support", "manager")
async def list_school_messages(tx: Tx, caller: Caller, paging: Paging, urn: Urn) -> Page[SchoolMessage]:
    """What a school has been told, the newest first."""
    rows = await use_cases.school_messages(tx, caller, urn, paging.limit, paging.after_id)
    return Page[SchoolMessage].of(rows, paging.limit, lambda row: row.id)


@router.post("/webhooks/govuk-notify/returned-letter", tags=["webhooks"])
@allow(public=True, idempotent=False)
async def returned_letter(request: Request, tx: Tx) -> dict[str, str]:
    """GOV.UK Notify says that the post brought a letter back; it proves itself by the callback's bearer token."""
    use_cases.check_callback(request.headers.get("authorization", ""))
    await use_cases.take_return(tx, str(ReturnedLetter.read(await request.body()).notification_id))
    return {"status": "taken"}
