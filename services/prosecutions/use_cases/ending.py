"""A file's end is said to others."""

from typing import Any

from sqlalchemy import Row

from shared import clock
from shared.contracts.prosecutions import ProsecutionWithdrawn
from shared.database import Transaction
from shared.messaging import publish


def notice_ids(file: Row[Any]) -> tuple[Any, ...]:
    """Return the notices that a file rests on."""
    return (file.notice_id,) if file.notice_id else ()


async def say_withdrawn(tx: Transaction, file: Row[Any], reason: str) -> None:
    """Say that the authority gave up a file; `reason` is a word, never free text."""
    await publish(
        tx,
        ProsecutionWithdrawn(
            file_id=file.id,
            case_id=file.case_id,
            pupil_id=file.pupil_id,
            parent_id=file.parent_id,
            notice_ids=notice_ids(file),
            reason=reason,
            withdrawn_on=clock.today(),
        ),
    )
