"""The second and the third job: hand the letter over, and ask until it is posted."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row

from services.notifications import repository
from services.notifications.clients import Notification, Notify, RefusedByProvider
from services.notifications.domain import NOTICE_KINDS, dispatched_at, outcome_of, wait_seconds
from services.notifications.use_cases.failing import fail
from shared import clock
from shared.attendance.deemed_receipt import deemed_receipt
from shared.contracts.notifications import NoticeServed
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.jobs import next_attempt
from shared.messaging import publish
from shared.problems import Problem

METHOD = "first-class-post"


async def post_letters(database: Database) -> int:
    """Hand the letter that has waited longest to the printer; return how many were taken up."""
    async with database.begin() as tx:
        letter = await repository.claim(tx, "made", clock.now())
        if letter is None:
            return 0
        attempt = letter.attempts + 1
        await repository.postpone(tx, letter.id, attempt, next_attempt(attempt))
    try:
        provider_id = await _hand_over(letter, attempt)
    except RefusedByProvider as refusal:
        async with database.begin() as tx:
            await fail(tx, letter, "refused-by-provider", str(refusal))
        return 1
    except Problem as trouble:
        async with database.begin() as tx:
            await repository.note_trouble(tx, letter.id, str(trouble))
        return 1
    async with database.begin() as tx:
        await repository.move(tx, letter.id, "sent", provider_id=provider_id, next_attempt_at=clock.now())
    return 1


async def _hand_over(letter: Row[Any], attempt: int) -> str:
    """Post it once: whoever tries again asks first whether an earlier try arrived."""
    reference = str(letter.id)
    if attempt > 1:
        for earlier in await Notify().find(reference):
            if outcome_of(earlier.status) != "refused":
                return earlier.id
    return await Notify().post(reference, letter.pdf)


async def follow_letters(database: Database) -> int:
    """Ask what has become of the letter whose turn it is; return how many were asked about."""
    async with database.begin() as tx:
        letter = await repository.claim(tx, "sent", clock.now())
        if letter is None:
            return 0
        wait = timedelta(seconds=wait_seconds(letter.attempts))
        await repository.postpone(tx, letter.id, letter.attempts + 1, clock.now() + wait)
    try:
        found = await Notify().read(letter.provider_id)
    except Problem as trouble:
        async with database.begin() as tx:
            await repository.note_trouble(tx, letter.id, str(trouble))
        return 1
    outcome, dispatched = outcome_of(found.status), dispatched_at(found.sent_at, found.completed_at)
    async with database.begin() as tx:
        if outcome == "refused":
            await fail(tx, letter, "refused-by-provider", f"the letter provider says {found.status}")
        elif outcome == "posted" and dispatched:
            await _prove(tx, letter, clock.civil_date(dispatched), found)
    return 1


async def _prove(tx: Transaction, letter: Row[Any], posted_on: date, found: Notification) -> None:
    """Record proof of posting and, for a notice, say that it is served."""
    receipt = deemed_receipt(posted_on, METHOD)
    if not await repository.move(tx, letter.id, "served", posted_on=posted_on, received_on=receipt.received_on):
        return
    proof_id = new_id()
    revision = await repository.add_proof(
        tx,
        proof_id,
        letter.id,
        posted_on,
        receipt.received_on,
        method=METHOD,
        evidence=found.said(),
        findings=[receipt.finding.as_json()],
        recorded_at=clock.now(),
    )
    if letter.kind in NOTICE_KINDS:
        served = NoticeServed(
            notice_id=letter.about,
            pupil_id=letter.pupil_id,
            letter_id=letter.id,
            method=METHOD,
            posted_on=posted_on,
            received_on=receipt.received_on,
            proof_id=proof_id,
            revision=revision,
        )
        await publish(tx, served)
