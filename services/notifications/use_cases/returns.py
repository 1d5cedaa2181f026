"""A letter comes back, or a person asks for a failed one again."""

import hmac
from uuid import UUID

from services.notifications import repository
from services.notifications.domain import NOTICE_KINDS
from services.notifications.use_cases.reading import LetterNotFound
from shared import clock
from shared.contracts.notifications import LetterReturned
from shared.database import Transaction
from shared.http import CallerInfo
from shared.ids import new_id
from shared.messaging import publish
from shared.problems import Conflict, Unauthenticated
from shared.settings import settings


class LetterNotFailed(Conflict):
    """Only a letter that failed can be asked for again."""


def check_callback(authorization: str) -> None:
    """Refuse a message that does not carry the callback's own bearer token."""
    secret = settings().notify_callback_token
    if not secret or not hmac.compare_digest(authorization.encode(), f"Bearer {secret}".encode()):
        raise Unauthenticated("This needs the callback's bearer token.")


async def take_return(tx: Transaction, provider_id: str) -> None:
    """Record that the post brought a letter back: the presumption of receipt is rebutted (Interpretation Act 1978 s.7)."""
    letter = await repository.letter_of_provider(tx, provider_id)
    if letter is None:
        raise LetterNotFound
    today = clock.today()
    if await repository.move(tx, letter.id, "returned", returned_on=today) and letter.kind in NOTICE_KINDS:
        await publish(tx, LetterReturned(notice_id=letter.about, pupil_id=letter.pupil_id, letter_id=letter.id, returned_on=today))


async def retry_letter(tx: Transaction, caller: CallerInfo, letter_id: UUID, reason: str) -> None:
    """Make a failed letter afresh, because a named person has seen to what stood in the way."""
    person = caller.person()
    letter = await repository.one_letter(tx, letter_id, lock=True)
    if letter is None:
        raise LetterNotFound
    now = clock.now()
    if not await repository.move(tx, letter_id, "requested", next_attempt_at=now, snapshot=None, pdf=None, made_on=None, provider_id=None):
        raise LetterNotFailed(f"It is {letter.status}.")
    await repository.add_retry(
        tx, id=new_id(), letter_id=letter_id, reason=reason, asked_by=person, asked_by_role=caller.role, asked_at=now
    )
