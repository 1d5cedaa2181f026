"""The printer's callback about a letter that the post brought back."""

import hmac
from datetime import date

from services.notifications import repository
from services.notifications.domain.letters import NOTICE_KINDS
from services.notifications.use_cases.letters.read import LetterNotFound
from shared import clock
from shared.contracts.notifications import LetterReturned
from shared.database import Transaction
from shared.messaging import publish
from shared.problems import Unauthenticated
from shared.settings import settings


def check_callback(authorization: str) -> None:
    """Refuse a message that does not carry the callback's own bearer token."""
    secret = settings().notify_callback_token
    if not secret or not hmac.compare_digest(authorization.encode(), f"Bearer {secret}".encode()):
        raise Unauthenticated("This needs the callback's bearer token.")


async def record_return(tx: Transaction, provider_id: str) -> None:
    """Record that the post brought a letter back: the presumption of receipt is rebutted (Interpretation Act 1978 s.7)."""
    letter = await repository.lock_letter_of_provider(tx, provider_id)
    if letter is None:
        raise LetterNotFound
    today = clock.today()
    if await repository.store_returned(tx, letter.id, today) and letter.kind in NOTICE_KINDS:
        await publish(tx, letter_returned(letter, today))


def letter_returned(letter: repository.LetterRow, returned_on: date) -> LetterReturned:
    """Return the event that the post brought a notice's letter back."""
    return LetterReturned(notice_id=letter.about, pupil_id=letter.pupil_id, letter_id=letter.id, returned_on=returned_on)
