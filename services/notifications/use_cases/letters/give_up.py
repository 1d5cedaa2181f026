"""An operator dismissed an event that asks for letters: they are shown as failed, by whom given up and why, and can be requested again."""

from collections.abc import Sequence

from services.notifications import repository
from services.notifications.domain.letters import LetterRequest
from services.notifications.use_cases.letters import request
from services.notifications.use_cases.letters.fail import fail
from shared.contracts.penalties import NoticeIssued, NoticeWithdrawn, PaymentReceived
from shared.contracts.registers import LeaveDecided
from shared.database import Transaction


async def show_notice_letter(tx: Transaction, event: NoticeIssued, why: str) -> None:
    """Show the letter that is a notice as failed, and publish that: nobody was served."""
    new = await _not_requested_yet(tx, [request.notice_letter(event)])
    await request.request_notice_letter(tx, event)
    await _fail(tx, new, why)


async def show_announcement(tx: Transaction, event: NoticeWithdrawn, why: str) -> None:
    """Show the written notice of a withdrawal as failed; the notice's own letter is stopped if it has not left."""
    new = await _not_requested_yet(tx, [await request.withdrawal_letter(tx, event)])
    await request.announce_withdrawal(tx, event)
    await _fail(tx, new, why)


async def show_receipt(tx: Transaction, event: PaymentReceived, why: str) -> None:
    """Show the receipt of a notice paid in full as failed."""
    new = await _not_requested_yet(tx, [await request.receipt(tx, event)])
    await request.acknowledge_payment(tx, event)
    await _fail(tx, new, why)


async def show_leave_letters(tx: Transaction, event: LeaveDecided, why: str) -> None:
    """Show the letters to the parents about leave that was granted or refused as failed."""
    new = await _not_requested_yet(tx, request.leave_letters(event))
    await request.announce_leave_decision(tx, event)
    await _fail(tx, new, why)


async def _not_requested_yet(tx: Transaction, requests: Sequence[LetterRequest]) -> list[LetterRequest]:
    """Return the letters that no other event has asked for: those that one has go on."""
    return [each for each in requests if await repository.letter_as_requested(tx, each) is None]


async def _fail(tx: Transaction, requests: Sequence[LetterRequest], why: str) -> None:
    for each in requests:
        letter = await repository.letter_as_requested(tx, each)
        if letter is not None:
            await fail(tx, letter, "cannot-be-made", why)
