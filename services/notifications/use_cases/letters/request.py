"""Letters are requested: by events of other services, in the same transaction, or again by a person."""

from uuid import UUID

from services.notifications import repository
from services.notifications.domain.letters import NOTICE_KINDS, Kind, LetterRequest
from services.notifications.domain.notices import NoticeKind, Payment, Withdrawal
from services.notifications.use_cases.letters.read import LetterNotFound
from shared.contracts.penalties import NoticeIssued, NoticeWithdrawn, PaymentReceived
from shared.contracts.registers import LeaveDecided
from shared.database import Transaction
from shared.http import CallerInfo
from shared.problems import Conflict, NotFound


class NoticeUnknown(NotFound):
    """No letter of this notice is known."""


class NoticeEnded(Conflict):
    """A court has decided about this notice, or it is paid: it is not sent any more."""


class LetterNotFailed(Conflict):
    """Only a letter that failed can be asked for again."""


async def request_notice_letter(tx: Transaction, event: NoticeIssued) -> None:
    """Request the letter that is the notice."""
    await repository.add_letter(tx, notice_letter(event))
    if await _has_ended(tx, event.notice_id):
        await repository.cancel_unsent(tx, event.notice_id)


async def announce_withdrawal(tx: Transaction, event: NoticeWithdrawn) -> None:
    """Stop the notice's own letter if it has not left, and request the written notice of the withdrawal (SI 2007/1867)."""
    await repository.cancel_unsent(tx, event.notice_id)
    await repository.add_letter(tx, await withdrawal_letter(tx, event))


async def acknowledge_payment(tx: Transaction, event: PaymentReceived) -> None:
    """Request a receipt once the notice is paid in full."""
    if event.discharged:
        await repository.add_letter(tx, await receipt(tx, event))


async def announce_leave_decision(tx: Transaction, event: LeaveDecided) -> None:
    """Request a letter to each parent about leave that was granted or refused."""
    for each in leave_letters(event):
        await repository.add_letter(tx, each)


def notice_letter(event: NoticeIssued) -> LetterRequest:
    """Return the letter that is a notice."""
    return LetterRequest(event.kind, event.notice_id, event.parent_id, event.pupil_id, event.urn, event.la_code, event.kind)


async def withdrawal_letter(tx: Transaction, event: NoticeWithdrawn) -> LetterRequest:
    """Return the written notice of a withdrawal; raise NoticeUnknown."""
    return await _further(tx, "withdrawal", event.notice_id, event.kind, Withdrawal(event.ground, event.withdrawn_on))


async def receipt(tx: Transaction, event: PaymentReceived) -> LetterRequest:
    """Return the receipt of a notice paid in full; raise NoticeUnknown."""
    return await _further(tx, "receipt", event.notice_id, "penalty-notice", Payment(event.paid_pence, event.counted_on))


def leave_letters(event: LeaveDecided) -> list[LetterRequest]:
    """Return the letter about leave to each parent."""
    return [LetterRequest("leave-decision", event.leave_id, each, event.pupil_id, event.urn, event.la_code) for each in event.parent_ids]


async def retry_letter(tx: Transaction, caller: CallerInfo, letter_id: UUID, reason: str) -> None:
    """Make a failed letter afresh, because a named person has put right what made it fail."""
    person = caller.person()
    letter = await repository.read_letter(tx, letter_id, lock=True)
    if letter is None:
        raise LetterNotFound
    if letter.kind in NOTICE_KINDS and await _has_ended(tx, letter.about):
        raise NoticeEnded
    if not await repository.request_again(tx, letter_id):
        raise LetterNotFailed(f"It is {letter.status}.")
    await repository.add_retry(tx, letter_id, reason, person, caller.role)


async def _has_ended(tx: Transaction, notice_id: UUID) -> bool:
    return any(file.ends_its_notices for file in await repository.court_files_about(tx, notice_id))


async def _further(tx: Transaction, kind: Kind, notice_id: UUID, notice_kind: NoticeKind, occasion: Withdrawal | Payment) -> LetterRequest:
    """Return a further letter about a notice, to the parent who was sent the notice."""
    notice = await repository.notice_letter(tx, notice_id)
    if notice is None:
        raise NoticeUnknown
    return LetterRequest(kind, notice_id, notice.parent_id, notice.pupil_id, notice.urn, notice.la_code, notice_kind, occasion)
