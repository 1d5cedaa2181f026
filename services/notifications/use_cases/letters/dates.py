"""Letters that bear a day which lies ahead: the date was wrong when they were made.

One that was not handed over is made anew. Of one that was, a person decides whether a correcting letter goes out.
"""

from collections.abc import Sequence
from uuid import UUID

from services.notifications import repository
from services.notifications.domain.letters import LetterRequest
from services.notifications.domain.notices import Correction, Misdated
from services.notifications.use_cases.letters.read import LetterNotFound
from shared import clock
from shared.database import Transaction
from shared.due_work import DueWork, in_one_transaction
from shared.http import CallerInfo
from shared.problems import Conflict

BATCH_SIZE = 50
"""Letters that one transaction looks at."""


class LetterNotMisdated(Conflict):
    """This letter bears no wrong date, or a person has decided about it."""


class CorrectionRequested(Conflict):
    """A correcting letter about this was requested before."""


async def _find(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return await repository.letters_dated_ahead(tx, job, clock.today(), limit)


async def _correct(tx: Transaction, keys: Sequence[str]) -> int:
    today = clock.today()
    ahead = await repository.lock_letters_dated_ahead(tx, today, [UUID(key) for key in keys])
    for letter in ahead:
        if letter.status == "made" and letter.attempts == 0:
            await repository.request_again(tx, letter.id)
        else:  # handed over, or perhaps: an attempt may be under way
            await repository.store_misdated(tx, letter.id, today)
    return len(ahead)


correct_dates = DueWork("letters dated ahead", _find, in_one_transaction(_correct), batch=BATCH_SIZE)
"""Lets letters with a day on them that lies ahead be made anew or, where they were handed over, be shown to a person."""


async def decide_about_date(tx: Transaction, caller: CallerInfo, letter_id: UUID, reason: str, *, corrects: bool) -> None:
    """Store a named person's decision about a letter that bears a wrong date, and request the correcting letter where it is to go out.

    It covers the other such letters to the same parent about the same notice or leave. Raise LetterNotFound, LetterNotMisdated or
    CorrectionRequested.
    """
    person = caller.person()
    letter = await repository.read_letter(tx, letter_id)
    if letter is None:
        raise LetterNotFound
    misdated = await repository.lock_misdated(tx, letter.about, letter.parent_id)
    if letter_id not in {each.id for each in misdated}:
        raise LetterNotMisdated
    await repository.add_date_decisions(tx, [each.id for each in misdated], reason, person, caller.role, corrects=corrects)
    if corrects:
        occasion = Correction(tuple(Misdated(each.kind, each.made_on, each.posted_on) for each in misdated if each.made_on))
        request = LetterRequest(
            "correction", letter.about, letter.parent_id, letter.pupil_id, letter.urn, letter.la_code, letter.notice_kind, occasion
        )
        if await repository.read_letter(tx, request.letter_id):
            raise CorrectionRequested("Decide without another one, and write to the parent yourself.")
        await repository.add_letter(tx, request)
