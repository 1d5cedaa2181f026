"""What is said about a pupil to the other services: the state as it now stands, and only when it changed.

Whoever calls these holds the pupils (`repository.pupils.hold`), so that the order of events is the order of facts.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row

from services.registers.law import NATIONAL
from services.registers.pupils.domain import ages
from services.registers.pupils.repository import identities, parents, pupils, same_child
from shared.contracts.registers import ParentChanged, PupilParent, RollChanged, RollSpell
from shared.database import Transaction
from shared.messaging import publish_many


def compulsory_age(born: date) -> tuple[date, date]:
    """Return the first and the last day of compulsory school age (Education Act 1996 s.8)."""
    return ages.compulsory_from(born, NATIONAL), ages.compulsory_to(born, NATIONAL)


async def say_rolls(tx: Transaction, held: Iterable[Row[Any]]) -> None:
    """Say the rolls and the compulsory school age of held pupils, where they are not what was said last."""
    rows = {pupil.id: pupil for pupil in held}
    if not rows:
        return
    rolls = await pupils.rolls_of(tx, rows)
    former = await identities.former_upns(tx, rows)
    child = await same_child.together(tx, rows)
    births = await same_child.right_births(tx, rows)
    changed = {}
    for pupil in rows.values():
        begins, ends = compulsory_age(births.get(pupil.id, pupil.date_of_birth))
        spells = [RollSpell(urn=row.urn, la_code=row.la_code, admitted_on=row.admitted_on, left_on=row.left_on) for row in rolls[pupil.id]]
        event = RollChanged(
            pupil_id=pupil.id,
            upn=pupil.upn,
            compulsory_from=begins,
            compulsory_to=ends,
            rolls=tuple(spells),
            revision=0,
            former_upns=former.get(pupil.id, ()),
            same_as=None if child[pupil.id] == pupil.id else child[pupil.id],
        )
        if _state(event) != pupil.published_rolls:
            changed[pupil.id] = event
    if changed:
        revisions = await pupils.say_rolls(tx, {pupil_id: _stored(event) for pupil_id, event in changed.items()})
        await publish_many(tx, [event.model_copy(update={"revision": revisions[pupil_id]}) for pupil_id, event in changed.items()])


async def say_parents(tx: Transaction, held: Iterable[Row[Any]]) -> None:
    """Say the parents of held pupils through all schools, where they are not what was said last."""
    rows = {pupil.id: pupil for pupil in held}
    if not rows:
        return
    listed = await parents.parents_of_all(tx, rows)
    changed = {}
    for pupil in rows.values():
        event = ParentChanged(pupil_id=pupil.id, parents=_people(listed[pupil.id]), revision=0)
        if _state(event) != pupil.published_parents and (event.parents or pupil.published_parents):
            changed[pupil.id] = event
    if changed:
        revisions = await pupils.say_parents(tx, {pupil_id: _stored(event) for pupil_id, event in changed.items()})
        await publish_many(tx, [event.model_copy(update={"revision": revisions[pupil_id]}) for pupil_id, event in changed.items()])


async def say_parents_of(tx: Transaction, pupil_ids: Iterable[UUID]) -> None:
    """Say the parents of several pupils, holding them in one order."""
    if ids := list(pupil_ids):
        await say_parents(tx, await pupils.hold(tx, ids))


def _people(listed: Sequence[Row[Any]]) -> tuple[PupilParent, ...]:
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
    return tuple(people[key] for key in sorted(people))


def _state(event: RollChanged | ParentChanged) -> dict[str, Any]:
    return event.model_dump(mode="json", exclude={"revision"})


def _stored(event: RollChanged | ParentChanged) -> str:
    return orjson.dumps(_state(event)).decode()
