"""The second and the third job: hand the letter over, and ask until it is posted."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from services.notifications import repository
from services.notifications.clients.govuk_notify import Notification, Notify, RefusedByProvider
from services.notifications.domain.letters import NOTICE_KINDS, dispatched_at, outcome_of, wait_seconds
from services.notifications.use_cases.letters.fail import fail, give_up
from shared import clock
from shared.attendance.deemed_receipt import deemed_receipt
from shared.contracts.notifications import NoticeServed
from shared.database import Database, Transaction
from shared.due_work import DueWork
from shared.ids import derived_id
from shared.jobs import next_attempt
from shared.messaging import publish
from shared.problems import Unavailable

METHOD = "first-class-post"


async def _find_made(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return await repository.due_letters(tx, job, "made", clock.now(), limit)


async def _post(database: Database, keys: Sequence[str], due_by: datetime) -> int:
    (key,) = keys
    async with database.begin() as tx:
        due = await repository.claim_letter(tx, UUID(key), "made", due_by)
        if due is None:
            return 0
        pdf = await repository.letter_pdf(tx, due.id)
        attempt = due.attempts + 1
        await repository.postpone(tx, due.id, attempt, next_attempt(attempt))
    try:
        provider_id, handed = await _hand_over(str(due.id), pdf or b"", attempt)
    except RefusedByProvider as refusal:
        async with database.begin() as tx:
            await fail(tx, due, "refused-by-provider", str(refusal))
        return 1
    except Unavailable as error:
        async with database.begin() as tx:
            await repository.store_error(tx, due.id, str(error))
        return 1
    async with database.begin() as tx:
        await repository.store_sent(tx, due.id, provider_id, handed)
    return 1


post_letters = DueWork("letters to post", _find_made, _post, at_once=4, give_up=give_up)
"""Hands the letters that have waited longest to the printer: the second job."""


async def _hand_over(reference: str, pdf: bytes, attempt: int) -> tuple[str, bytes]:
    """Post a letter once; return the provider's id and the file that was posted.

    One that the provider has was handed over before: by an attempt whose response was lost or, where this is the first that the database
    knows of, before the database went back to an old copy. Then the file is the provider's: what was made anew may print something else.
    """
    for earlier in await Notify().find(reference):
        if outcome_of(earlier.status) != "refused":
            return earlier.id, await Notify().read_pdf(earlier.id) if attempt == 1 else pdf
    return await Notify().post(reference, pdf), pdf


async def _find_sent(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return await repository.due_letters(tx, job, "sent", clock.now(), limit)


async def _follow(database: Database, keys: Sequence[str], due_by: datetime) -> int:
    (key,) = keys
    async with database.begin() as tx:
        due = await repository.claim_letter(tx, UUID(key), "sent", due_by)
        if due is None or due.provider_id is None:
            return 0
        wait = timedelta(seconds=wait_seconds(due.attempts))
        await repository.postpone(tx, due.id, due.attempts + 1, clock.now() + wait)
    try:
        found = await Notify().read(due.provider_id)
    except Unavailable as error:
        async with database.begin() as tx:
            await repository.store_error(tx, due.id, str(error))
        return 1
    outcome, dispatched = outcome_of(found.status), dispatched_at(found.sent_at, found.completed_at)
    async with database.begin() as tx:
        if outcome == "refused":
            await fail(tx, due, "refused-by-provider", f"the letter provider says {found.status}")
        elif outcome == "posted" and dispatched:
            await _record_proof(tx, due, clock.civil_date(dispatched), found)
    return 1


follow_letters = DueWork("letters to follow", _find_sent, _follow, at_once=4, give_up=give_up)
"""Asks what has become of the letters that have waited longest: the third job."""


async def _record_proof(tx: Transaction, letter: repository.LetterRow, posted_on: date, found: Notification) -> None:
    """Store the proof of posting and, for a notice, publish that it is served."""
    receipt = deemed_receipt(posted_on, METHOD)
    if not await repository.store_served(tx, letter.id, posted_on, receipt.received_on):
        return
    proof = repository.ProofRow(
        derived_id(letter.id, "proof", METHOD, posted_on),
        METHOD,
        posted_on,
        receipt.received_on,
        found.as_evidence(),
        [receipt.finding.as_json()],
        clock.now(),
    )
    revision = await repository.add_proof(tx, letter.id, proof)
    if letter.kind in NOTICE_KINDS:
        await publish(tx, notice_served(letter, proof, revision))


def notice_served(letter: repository.LetterRow, proof: repository.ProofRow, revision: int) -> NoticeServed:
    """Return the event that a notice is served, by a proof and its revision."""
    about = {"notice_id": letter.about, "pupil_id": letter.pupil_id, "letter_id": letter.id}
    return NoticeServed.of(proof, proof_id=proof.id, revision=revision, **about)
