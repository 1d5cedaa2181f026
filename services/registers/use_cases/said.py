"""What is said about a pupil to the other services: the state as it now stands, and only when it changed.

Whoever calls these holds the pupil (`repository.pupils.hold`), so that the order of events is the order of facts.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.registers.domain import ages
from services.registers.repository import parents, pupils
from services.registers.use_cases.law import NATIONAL
from shared.contracts.registers import ParentChanged, PupilParent, RollChanged, RollSpell
from shared.database import Transaction
from shared.messaging import emit


def compulsory_age(born: date) -> tuple[date, date]:
    """Return the first and the last day of compulsory school age (Education Act 1996 s.8)."""
    return ages.compulsory_from(born, NATIONAL), ages.compulsory_to(born, NATIONAL)


async def say_rolls(tx: Transaction, pupil_id: UUID) -> None:
    """Say a pupil's rolls and compulsory school age, where they are not what was said last."""
    pupil = await pupils.pupil(tx, pupil_id)
    assert pupil is not None  # noqa: S101 -- held by the caller
    spells = [
        RollSpell(urn=row.urn, la_code=row.la_code, admitted_on=row.admitted_on, left_on=row.left_on)
        for row in await pupils.rolls(tx, pupil_id)
    ]
    begins, ends = compulsory_age(pupil.date_of_birth)
    event = RollChanged(
        pupil_id=pupil_id,
        upn=pupil.upn,
        compulsory_from=begins,
        compulsory_to=ends,
        rolls=tuple(spells),
        revision=0,
    )
    state = event.model_dump(mode="json", exclude={"revision"})
    if state != pupil.said_rolls:
        revision = await pupils.say(tx, pupil_id, said_rolls=state)
        await emit(tx, event.model_copy(update={"revision": revision}))


async def say_parents(tx: Transaction, pupil_id: UUID) -> Sequence[Row[Any]]:
    """Say a pupil's parents through all schools, where they are not what was said last; return them."""
    pupil = await pupils.pupil(tx, pupil_id)
    assert pupil is not None  # noqa: S101 -- held by the caller
    listed = await parents.parents_of(tx, pupil_id)
    # One person may stand under two references of one school (after a match was confirmed): once is enough.
    people = {
        (row.urn, row.parent_id): PupilParent(
            parent_id=row.parent_id,
            urn=row.urn,
            relationship=row.relationship,
            lives_with_pupil=row.lives_with_pupil,
            open_match=row.open_match,
            formerly=tuple(row.formerly),
        )
        for row in reversed(listed)
    }
    event = ParentChanged(pupil_id=pupil_id, parents=tuple(people[key] for key in sorted(people)), revision=0)
    state = event.model_dump(mode="json", exclude={"revision"})
    if state != pupil.said_parents and (event.parents or pupil.said_parents):
        revision = await pupils.say(tx, pupil_id, said_parents=state)
        await emit(tx, event.model_copy(update={"revision": revision}))
    return listed


async def say_parents_of(tx: Transaction, pupil_ids: Iterable[UUID]) -> None:
    """Say the parents of several pupils, holding them in one order."""
    for row in await pupils.hold(tx, pupil_ids):
        await say_parents(tx, row.id)
