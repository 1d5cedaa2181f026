"""The first job: ask for what a letter prints and where it goes, print it, store the exact file."""

import tomllib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from services.notifications import repository
from services.notifications.clients import penalties, registers
from services.notifications.domain.authorities import Authority, authority
from services.notifications.domain.leave import DecidedLeave, amounts_of_notices
from services.notifications.domain.letters import wait_seconds
from services.notifications.domain.particulars import Letter, Notice, Obstacle, compose
from services.notifications.use_cases.letters.fail import fail, give_up
from shared import clock
from shared.attendance.law import NATIONAL
from shared.database import Database, Transaction
from shared.documents import CannotBePrintedError, render
from shared.due_work import DueWork
from shared.http.client import IncompleteResponse
from shared.law import UnknownProvisionError
from shared.problems import NotFound, Unavailable
from shared.settings import settings

SERVICE = Path(__file__).parents[2]
TEMPLATES = SERVICE / "templates"
AUTHORITIES = {
    code: Authority(code, listed["name"], tuple(listed["address"]))
    for code, listed in tomllib.loads((SERVICE / "authorities.toml").read_text(encoding="utf-8")).items()
}
LEASE = timedelta(seconds=30)
"""When another worker may take up a letter that is being made: later than the other services may take to respond."""


async def _find(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return await repository.due_letters(tx, job, "requested", clock.now(), limit)


async def _make(database: Database, keys: Sequence[str], due_by: datetime) -> int:
    (key,) = keys
    async with database.begin() as tx:
        due = await repository.claim_letter(tx, UUID(key), "requested", due_by)
        if due is None:
            return 0
        await repository.postpone(tx, due.id, due.attempts + 1, clock.now() + LEASE)
    try:
        letter = await _compose(due)
        pdf = await render(TEMPLATES / letter.template, letter.contents) if isinstance(letter, Letter) else b""
    except CannotBePrintedError:
        letter, pdf = Obstacle("cannot-be-made", "something in it cannot be printed with the fonts at hand"), b""
    except Unavailable as error:
        async with database.begin() as tx:
            wait = timedelta(seconds=wait_seconds(due.attempts))
            await repository.store_error(tx, due.id, str(error), clock.now() + wait)
        return 1
    async with database.begin() as tx:
        if isinstance(letter, Obstacle):
            await fail(tx, due, letter.reason, letter.detail)
        else:
            await repository.store_made(tx, due.id, letter, pdf)
    return 1


make_letters = DueWork("letters to make", _find, _make, at_once=4, give_up=give_up)
"""Makes the letters that have waited longest: the first job."""


async def _compose(due: repository.LetterRow) -> Letter | Obstacle:
    try:
        subject = await _subject(due)
        people = await registers.ask_people(due.pupil_id)
        school = await registers.ask_school(due.urn)
    except NotFound:
        return Obstacle("no-such-person", "the notice or request, the pupil or the school is not known to the service that owns it")
    except (IncompleteResponse, UnknownProvisionError) as error:
        return Obstacle("cannot-be-made", str(error))
    return compose(
        subject,
        due.occasion,
        str(due.id),
        clock.today(),
        authority(due.la_code, AUTHORITIES),
        people.parent(due.parent_id, due.urn),
        people.pupil,
        school,
        f"{settings().public_url or settings().service_url('console')}/pay",
    )


async def _subject(due: repository.LetterRow) -> Notice | DecidedLeave:
    """Return what the letter is about, from the service that owns it."""
    match due.notice_kind:
        case None:
            return await _leave(due)
        case "notice-to-improve":
            return await penalties.ask_notice_to_improve(due.about)
        case _:
            return await penalties.ask_penalty_notice(due.about)


async def _leave(due: repository.LetterRow) -> DecidedLeave:
    request = await registers.ask_leave(due.about)
    policy = await registers.ask_policy(due.urn, request.decision.decided_on)
    return DecidedLeave(request, policy, amounts_of_notices(NATIONAL, request.starts_on))
