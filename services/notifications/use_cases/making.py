"""The first job: ask what the letter says and where it goes, print it, keep the exact file."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from services.notifications import clients, repository
from services.notifications.domain import Letter, Obstacle, Person, Pupil, School, authority, compose, risk_of_absence, wait_seconds
from services.notifications.use_cases.failing import fail
from shared import clock
from shared.attendance.law import NATIONAL
from shared.database import Database
from shared.documents import CannotBePrintedError, render
from shared.problems import NotFound, Problem
from shared.settings import settings

SERVICE = Path(__file__).parents[1]
TEMPLATES = SERVICE / "templates"
AUTHORITIES = tomllib.loads((SERVICE / "authorities.toml").read_text(encoding="utf-8"))
LEASE = timedelta(seconds=30)
"""Longer than the sister services may take to answer; then another worker may try."""


async def make_letters(database: Database) -> int:
    """Make the letter that has waited longest; return how many were taken up."""
    async with database.begin() as tx:
        wish = await repository.claim(tx, "requested", clock.now())
        if wish is None:
            return 0
        await repository.postpone(tx, wish.id, wish.attempts + 1, clock.now() + LEASE)
    try:
        composed = await _composed(wish)
        pdf = await render(TEMPLATES / composed.template, composed.snapshot) if isinstance(composed, Letter) else b""
    except CannotBePrintedError:
        composed, pdf = Obstacle("cannot-be-made", "something in it cannot be printed with the fonts at hand"), b""
    except (LookupError, TypeError, ValueError):
        composed, pdf = Obstacle("cannot-be-made", "a sister service did not say all that the letter prints"), b""
    except Problem as trouble:
        async with database.begin() as tx:
            wait = timedelta(seconds=wait_seconds(wish.attempts))
            await repository.note_trouble(tx, wish.id, str(trouble), next_attempt_at=clock.now() + wait)
        return 1
    async with database.begin() as tx:
        if isinstance(composed, Obstacle):
            await fail(tx, wish, composed.reason, composed.detail)
        else:
            await repository.move(
                tx, wish.id, "made", snapshot=composed.snapshot, pdf=pdf, made_on=clock.today(), next_attempt_at=clock.now()
            )
    return 1


async def _composed(wish: Row[Any]) -> Letter | Obstacle:
    try:
        notice = await _words(wish)
        people = await clients.ask_people(wish.pupil_id)
        school = await clients.ask_school(wish.urn)
    except NotFound:
        return Obstacle("no-such-person", "the notice or request, the pupil or the school is not known to the service that owns it")
    pay_url = f"{settings().public_url or settings().service_url('console')}/pay"
    return compose(
        wish.kind,
        str(wish.id),
        clock.today(),
        notice,
        wish.facts,
        _reader(people, wish),
        Pupil(people["pupil"]["forename"], people["pupil"]["surname"]),
        School(school["name"]),
        authority(wish.la_code, AUTHORITIES),
        pay_url,
    )


async def _words(wish: Row[Any]) -> dict[str, Any]:
    """Return what the letter is about, from the service that owns it."""
    if wish.kind != "leave-decision":
        return await clients.ask_notice(wish.facts["kind"], wish.about)
    leave = await clients.ask_leave(wish.about)
    policy = await clients.ask_policy(wish.urn, leave["decision"]["decided_on"])
    return {**leave, "policy": policy, "risk": risk_of_absence(NATIONAL, date.fromisoformat(leave["from"]))}


def _reader(people: dict[str, Any], wish: Row[Any]) -> Person | None:
    """Return the parent as the school of the notice knows them, or else as any school with an address does."""
    known = [each for each in people["parents"] if str(each["id"]) == str(wish.parent_id)]
    known.sort(key=lambda each: (not each["address"], each["urn"] != wish.urn))
    if not known:
        return None
    first = known[0]
    return Person(first["forename"], first["surname"], tuple(first["address"] or ()), first["lives_with_pupil"])
