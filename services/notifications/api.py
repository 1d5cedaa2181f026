"""Letters, the files as sent, messages to schools, and GOV.UK Notify's callback about returned letters."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from services.notifications.domain.letters import Status
from services.notifications.schemas import DateDecisionIn, LetterInFull, LetterShown, RetryIn, ReturnedLetter, SchoolMessage
from services.notifications.use_cases import school_messages
from services.notifications.use_cases.letters import dates, read, request, returns
from shared.http import MAX_STRANGERS_BODY, Caller, Page, Paging, Router, Tx, Urn, allow

READERS = ("school", "aco", "acsa", "business-support", "manager", "service")

router = Router(tags=["letters"])


@router.get("/letters")
@allow(*READERS)
async def list_letters(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    about: Annotated[list[UUID] | None, Query(max_length=100, description="A notice, or several")] = None,
    status: Status | None = None,
    urn: Annotated[Urn | None, Query()] = None,
    misdated: Annotated[bool, Query(description="Only those that bear a wrong date about which nobody has decided")] = False,
) -> Page[LetterShown]:
    """Letters, the oldest first: those about a notice or several, of a school, in a state, or with a wrong date on them."""
    return Page[LetterShown].of(
        await read.list_letters(tx, caller, paging, about=about, status=status, urn=urn, misdated=misdated), LetterShown.model_validate
    )


@router.get("/letters/{letter_id}.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
@allow(*READERS, guard=read.own_letter)
async def read_pdf(tx: Tx, letter_id: UUID) -> Response:
    """The letter exactly as it was sent."""
    return Response(await read.read_pdf(tx, letter_id), media_type="application/pdf")


@router.get("/letters/{letter_id}")
@allow(*READERS, guard=read.own_letter)
async def read_letter(tx: Tx, letter_id: UUID) -> LetterInFull:
    """One letter with its proofs of serving."""
    return LetterInFull.of(await read.read_letter(tx, letter_id))


@router.post("/letters/{letter_id}/retries", status_code=201)
@allow("aco", "business-support", "manager", guard=read.own_letter)
async def retry_letter(tx: Tx, caller: Caller, letter_id: UUID, body: RetryIn) -> LetterInFull:
    """Ask again for a letter that failed, once what made it fail is put right: it is made afresh."""
    await request.retry_letter(tx, caller, letter_id, body.reason)
    return await read_letter(tx, letter_id)


@router.post("/letters/{letter_id}/date-decision", status_code=201)
@allow("aco", "business-support", "manager", guard=read.own_letter)
async def decide_about_date(tx: Tx, caller: Caller, letter_id: UUID, body: DateDecisionIn) -> LetterInFull:
    """Decide about a letter that went out with a wrong date: whether a correcting letter is sent, and why.

    The decision covers the other such letters to the same parent about the same notice or leave.
    """
    await dates.decide_about_date(tx, caller, letter_id, body.reason, corrects=body.corrects)
    return await read_letter(tx, letter_id)


@router.get("/school-messages")
@allow("school", "aco", "acsa", "business-support", "manager")
async def list_school_messages(tx: Tx, caller: Caller, paging: Paging, urn: Urn) -> Page[SchoolMessage]:
    """Messages to a school, the newest first."""
    return Page[SchoolMessage].of(await school_messages.list_messages(tx, caller, urn, paging), SchoolMessage.model_validate)


@router.post("/webhooks/govuk-notify/returned-letter", tags=["webhooks"], max_body_size=MAX_STRANGERS_BODY)
@allow(public=True, idempotent=False)
async def returned_letter(callback: Request, tx: Tx) -> dict[str, str]:
    """GOV.UK Notify reports that the post brought a letter back; the callback's bearer token proves who reports it."""
    returns.check_callback(callback.headers.get("authorization", ""))
    await returns.record_return(tx, str(ReturnedLetter.read(await callback.body()).notification_id))
    return {"status": "taken"}
