"""Questions about letters and messages, within what the caller may see."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.notifications import repository
from shared.attendance.successions import continued
from shared.database import Transaction
from shared.http import CallerInfo
from shared.problems import Forbidden, NotFound


class LetterNotFound(NotFound):
    """There is no such letter."""


class LetterNotMade(NotFound):
    """This letter has not been made yet."""


async def may_see_letter(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> None:
    """Refuse a letter of another school or authority; to a school also one that does not exist."""
    try:
        letter = await repository.one_letter(tx, UUID(path["letter_id"]))
    except ValueError:
        letter = None
    if letter is None and not caller.bound:
        return
    if letter is None or not (await _with_predecessors(tx, caller)).may_see_school(letter.urn, letter.la_code):
        raise Forbidden("This letter is not within your reach.")


async def letters_page(
    tx: Transaction, caller: CallerInfo, limit: int, after: UUID | None, *, about: UUID | None, status: str | None, urn: int | None
) -> list[Row[Any]]:
    """Return letters of the caller's schools or area; a school that asks about what is not its own is refused."""
    caller = await _with_predecessors(tx, caller)
    if urn is not None and caller.bound and urn not in caller.schools:
        raise Forbidden("This token is not for that school.")
    urns = [urn] if urn is not None else caller.schools if caller.bound else None
    found = await repository.list_letters(tx, limit + 1, after, about=about, status=status, urns=urns, la_code=caller.la_code)
    if caller.bound and about and not found and after is None and status is None:
        raise Forbidden("This is not about a pupil of your schools.")
    return found


async def read_letter(tx: Transaction, letter_id: UUID) -> tuple[Row[Any], list[Row[Any]]]:
    """Return a letter and its proofs of service."""
    letter = await repository.one_letter(tx, letter_id)
    if letter is None:
        raise LetterNotFound
    return letter, await repository.proofs_of(tx, letter_id)


async def read_pdf(tx: Transaction, letter_id: UUID) -> bytes:
    """Return the exact file that was sent."""
    if await repository.one_letter(tx, letter_id) is None:
        raise LetterNotFound
    pdf = await repository.letter_pdf(tx, letter_id)
    if pdf is None:
        raise LetterNotMade
    return pdf


async def school_messages(tx: Transaction, caller: CallerInfo, urn: int, limit: int, after: UUID | None) -> list[Row[Any]]:
    """Return a school's messages, the newest first."""
    if not (await _with_predecessors(tx, caller)).may_see_school(urn):
        raise Forbidden("This token is not for that school.")
    return await repository.school_messages_of(tx, urn, limit + 1, after, caller.la_code)


async def _with_predecessors(tx: Transaction, caller: CallerInfo) -> CallerInfo:
    """Return the caller with the schools, besides their own, that these continue: what was those's is their successors'."""
    return replace(caller, schools=await continued(tx, caller.schools)) if caller.bound else caller
