"""Questions about letters, within what the caller may see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.notifications import repository
from services.notifications.domain.court_files import CourtFile
from services.notifications.domain.letters import Status
from services.notifications.use_cases.visibility import with_predecessors
from shared.database import Transaction
from shared.database.paging import Listed, PageQuery
from shared.http import CallerInfo, id_in
from shared.problems import Forbidden, NotFound


class LetterNotFound(NotFound):
    """There is no such letter."""


class LetterNotMade(NotFound):
    """This letter has not been made yet."""


@dataclass(frozen=True, slots=True)
class LetterDetail:
    """A letter with its proofs of serving, the court files that rest on the notice that it is about, and a decision about its date."""

    letter: repository.LetterRow
    proofs: Sequence[repository.ProofRow]
    court_files: Sequence[CourtFile]
    date_decision: repository.DateDecisionRow | None


async def own_letter(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether a letter is of the caller's schools or authority."""
    letter_id = id_in(path, "letter_id")
    letter = await repository.read_letter(tx, letter_id) if letter_id else None
    return letter is not None and (await with_predecessors(tx, caller)).may_see_school(letter.urn, letter.la_code)


async def list_letters(
    tx: Transaction,
    caller: CallerInfo,
    page: PageQuery,
    *,
    about: Collection[UUID] | None,
    status: Status | None,
    urn: int | None,
    misdated: bool,
) -> Listed[repository.LetterRow]:
    """Return letters of the caller's schools or area.

    A school that asks about what is not its own is refused.
    """
    caller = await with_predecessors(tx, caller)
    if urn is not None and caller.bound and urn not in caller.schools:
        raise Forbidden("This token is not for that school.")
    urns = [urn] if urn is not None else caller.schools if caller.bound else None
    found = await repository.list_letters(tx, page, about=about, status=status, urns=urns, la_code=caller.la_code, misdated=misdated)
    if caller.bound and about and not found.rows and not page.after and status is None and not misdated:
        raise Forbidden("This is not about a pupil of your schools.")
    return found


async def read_letter(tx: Transaction, letter_id: UUID) -> LetterDetail:
    """Return a letter with its proofs of serving and what became of its notice in court; raise LetterNotFound."""
    letter = await repository.read_letter(tx, letter_id)
    if letter is None:
        raise LetterNotFound
    files, decision = await repository.court_files_about(tx, letter.about), await repository.date_decision_of(tx, letter_id)
    return LetterDetail(letter, await repository.proofs_of(tx, letter_id), files, decision)


async def read_pdf(tx: Transaction, letter_id: UUID) -> bytes:
    """Return the exact file that was sent; raise LetterNotFound or LetterNotMade."""
    if await repository.read_letter(tx, letter_id) is None:
        raise LetterNotFound
    pdf = await repository.letter_pdf(tx, letter_id)
    if pdf is None:
        raise LetterNotMade
    return pdf
