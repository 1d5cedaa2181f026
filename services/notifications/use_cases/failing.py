"""A letter that cannot be made or sent: a person must look."""

from typing import Any, Literal

from sqlalchemy import Row

from services.notifications import repository
from shared.contracts.notifications import LetterFailed
from shared.database import Transaction
from shared.messaging import publish


async def fail(
    tx: Transaction,
    letter: Row[Any],
    reason: Literal["no-address", "refused-by-provider", "no-such-person", "cannot-be-made"],
    detail: str,
) -> None:
    """Take a letter out of the jobs' hands and, where it is about a notice, say so."""
    if await repository.move(tx, letter.id, "failed", trouble=detail) and letter.kind != "leave-decision":
        await publish(tx, LetterFailed(notice_id=letter.about, pupil_id=letter.pupil_id, letter_id=letter.id, reason=reason))
