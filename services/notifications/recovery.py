"""What comes back after the database went back to an old copy: letters that were served, from the service's own events and the provider.

Letters that were posted and of which no event was published are requested again by the events of other services, and found at the provider.
"""

from collections.abc import Sequence
from uuid import UUID

from services.notifications import repository
from services.notifications.clients.govuk_notify import Notify
from services.notifications.domain.letters import LetterRequest, outcome_of
from shared import clock
from shared.attendance.deemed_receipt import deemed_receipt
from shared.contracts.notifications import LetterFailed, LetterReturned, NoticeServed
from shared.contracts.penalties import NoticeIssued
from shared.database import Database, Transaction
from shared.messaging import EventHandlers
from shared.messaging.messages import Transport
from shared.messaging.recovery import NOT_RECOVERED, NotRecoverable, Recovery, read_topic
from shared.problems import Problem


def recovery(transport: Transport) -> Recovery:
    """Return what each of the service's events brings back."""
    issued: dict[UUID, NoticeIssued] = {}

    async def bring_back(tx: Transaction, notice_id: UUID, letter_id: UUID) -> None:
        if await repository.read_letter(tx, letter_id, lock=True):
            return
        if not issued:
            async for message in read_topic(transport, NoticeIssued.topic, NoticeIssued.type()):
                event = NoticeIssued.model_validate_json(message.body)
                issued[event.notice_id] = event
        if (notice := issued.get(notice_id)) is None:
            raise NotRecoverable("the issue of its notice is not in the log any more")
        request = LetterRequest(notice.kind, notice_id, notice.parent_id, notice.pupil_id, notice.urn, notice.la_code, notice.kind)
        await repository.add_letter(tx, request, letter_id=letter_id)

    async def serve(tx: Transaction, event: NoticeServed) -> None:
        await bring_back(tx, event.notice_id, event.letter_id)
        await repository.restore_letter(tx, event.letter_id, "served", posted_on=event.posted_on, received_on=event.received_on)
        finding = deemed_receipt(event.posted_on, event.method).finding.as_json()
        evidence = {"recovered_from": "notice-served"}
        proof = repository.ProofRow(event.proof_id, event.method, event.posted_on, event.received_on, evidence, [finding], clock.now())
        if event.proof_id not in {each.id for each in await repository.proofs_of(tx, event.letter_id)}:
            await repository.add_proof(tx, event.letter_id, proof)

    async def bring_letter_back(tx: Transaction, event: LetterReturned) -> None:
        await bring_back(tx, event.notice_id, event.letter_id)
        await repository.restore_letter(tx, event.letter_id, "returned", returned_on=event.returned_on)

    async def fail(tx: Transaction, event: LetterFailed) -> None:
        await bring_back(tx, event.notice_id, event.letter_id)
        await repository.restore_letter(tx, event.letter_id, "failed", last_error=f"{NOT_RECOVERED} It failed: {event.reason}.")

    handlers = EventHandlers("notifications")
    handlers.on(NoticeServed)(serve)
    handlers.on(LetterReturned)(bring_letter_back)
    handlers.on(LetterFailed)(fail)
    return Recovery(handlers, _ask_the_provider)


async def _ask_the_provider(database: Database) -> Sequence[str]:
    """Store the provider's id and file of letters that were brought back; return those that it does not have any more."""
    async with database.begin() as tx:
        letters = await repository.letters_without_file(tx)
    gone = []
    for letter_id in letters:
        try:
            found = [each for each in await Notify().find(str(letter_id)) if outcome_of(each.status) != "refused"]
            pdf = await Notify().read_pdf(found[0].id) if found else b""
        except Problem as refusal:
            return [
                f"the files of letters, since the provider could not be asked ({refusal.title()}): run this again before you accept the copy"
            ]
        if found:
            async with database.begin() as tx:
                await repository.store_file(tx, letter_id, found[0].id, pdf)
        else:
            gone.append(f"letter {letter_id}: the provider does not have its file any more")
    return gone
