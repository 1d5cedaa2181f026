"""A letter that cannot be made or sent: a person must look."""

from typing import Literal
from uuid import UUID

from services.notifications import repository
from services.notifications.domain.letters import NOTICE_KINDS
from shared.contracts.notifications import LetterFailed
from shared.database import Transaction
from shared.messaging import publish


async def fail(
    tx: Transaction,
    letter: repository.LetterRow,
    reason: Literal["no-address", "refused-by-provider", "no-such-person", "cannot-be-made"],
    detail: str,
) -> None:
    """Store that a letter failed and, where it is itself the notice, publish that: another letter about a notice serves none."""
    if await repository.store_failed(tx, letter.id, detail) and letter.kind in NOTICE_KINDS:
        await publish(tx, LetterFailed(notice_id=letter.about, pupil_id=letter.pupil_id, letter_id=letter.id, reason=reason))


async def give_up(tx: Transaction, key: str, why: str) -> None:
    """Store that an operator gave a letter up which could not be made, posted or followed: it has failed, and can be requested again."""
    letter = await repository.read_letter(tx, UUID(key), lock=True)
    if letter is not None:
        await fail(tx, letter, "cannot-be-made", why)
