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
    request = LetterRequest(event.kind, event.notice_id, event.parent_id, event.pupil_id, event.urn, event.la_code, event.kind)
    await repository.add_letter(tx, request)
    if await _has_ended(tx, event.notice_id):
        await repository.cancel_unsent(tx, event.notice_id)


async def announce_withdrawal(tx: Transaction, event: NoticeWithdrawn) -> None:
    """Stop the notice's own letter if it has not left, and request the written notice of the withdrawal (SI 2007/1867)."""
    await repository.cancel_unsent(tx, event.notice_id)
    await _request_further(tx, "withdrawal", event.notice_id, event.kind, Withdrawal(event.ground, event.withdrawn_on))


async def acknowledge_payment(tx: Transaction, event: PaymentReceived) -> None:
    """Request a receipt once the notice is paid in full."""
    if event.discharged:
        await _request_further(tx, "receipt", event.notice_id, "penalty-notice", Payment(event.paid_pence, event.counted_on))


async def announce_leave_decision(tx: Transaction, event: LeaveDecided) -> None:
    """Request a letter to each parent about leave that was granted or refused."""
    for parent_id in event.parent_ids:
        request = LetterRequest("leave-decision", event.leave_id, parent_id, event.pupil_id, event.urn, event.la_code)
        await repository.add_letter(tx, request)


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


async def _request_further(tx: Transaction, kind: Kind, notice_id: UUID, notice_kind: NoticeKind, occasion: Withdrawal | Payment) -> None:
    """Request a further letter about a notice, to the parent who was sent the notice."""
    notice = await repository.notice_letter(tx, notice_id)
    if notice is None:
        raise NoticeUnknown
    request = LetterRequest(kind, notice_id, notice.parent_id, notice.pupil_id, notice.urn, notice.la_code, notice_kind, occasion)
    await repository.add_letter(tx, request)
