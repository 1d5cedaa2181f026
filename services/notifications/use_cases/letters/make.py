"""The first job: ask for what a letter prints and where it goes, print it, store the exact file."""

import tomllib
from datetime import timedelta
from pathlib import Path

from services.notifications import repository
from services.notifications.clients import penalties, registers
from services.notifications.domain.authorities import Authority, authority
from services.notifications.domain.leave import DecidedLeave, amounts_of_notices
from services.notifications.domain.letters import wait_seconds
from services.notifications.domain.particulars import Letter, Notice, Obstacle, compose
from services.notifications.use_cases.letters.fail import fail
from shared import clock
from shared.attendance.law import NATIONAL
from shared.database import Database
from shared.documents import CannotBePrintedError, render
from shared.http.client import IncompleteResponse
from shared.law import UnknownProvisionError
from shared.problems import NotFound, Problem
from shared.settings import settings

SERVICE = Path(__file__).parents[2]
TEMPLATES = SERVICE / "templates"
AUTHORITIES = {
    code: Authority(code, listed["name"], tuple(listed["address"]))
    for code, listed in tomllib.loads((SERVICE / "authorities.toml").read_text(encoding="utf-8")).items()
}
LEASE = timedelta(seconds=30)
"""When another worker may take up a letter that is being made: later than the other services may take to respond."""


async def make_letters(database: Database) -> int:
    """Make the letter that has waited longest; return how many were taken up."""
    async with database.begin() as tx:
        due = await repository.lock_due_letter(tx, "requested", clock.now())
        if due is None:
            return 0
        await repository.postpone(tx, due.id, due.attempts + 1, clock.now() + LEASE)
    try:
        letter = await _compose(due)
        pdf = await render(TEMPLATES / letter.template, letter.contents) if isinstance(letter, Letter) else b""
    except CannotBePrintedError:
        letter, pdf = Obstacle("cannot-be-made", "something in it cannot be printed with the fonts at hand"), b""
    except Problem as error:
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
