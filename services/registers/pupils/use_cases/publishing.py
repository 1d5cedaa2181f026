"""Events about a pupil: the state as it now stands, and only when it changed.

Whoever calls these has locked the pupils (`repository.pupils.lock`), so that the order of events is the order of facts.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import orjson

from services.registers.law import NATIONAL
from services.registers.pupils.domain.ages import compulsory_age
from services.registers.pupils.repository import identities, parents, pupils, rolls, same_child
from services.registers.pupils.repository.parents import ParentRow
from services.registers.pupils.repository.pupils import PupilRow
from shared.contracts.registers import ParentChanged, PupilParent, RollChanged, RollSpell
from shared.database import Transaction
from shared.messaging import publish_many


async def publish_rolls(tx: Transaction, locked: Iterable[PupilRow]) -> None:
    """Publish the rolls and the compulsory school age of locked pupils, where they are not what was published last."""
    rows = {pupil.id: pupil for pupil in locked}
    if not rows:
        return
    spells = await rolls.rolls_of(tx, rows)
    former = await identities.former_upns(tx, rows)
    asserted = await identities.asserted_of(tx, rows)
    child = await same_child.child_of(tx, rows)
    births = await same_child.right_births(tx, rows)
    events = {}
    for pupil in rows.values():
        begins, ends = compulsory_age(births.get(pupil.id, pupil.date_of_birth), NATIONAL)
        events[pupil.id] = RollChanged.of(
            pupil,
            pupil_id=pupil.id,
            compulsory_from=begins,
            compulsory_to=ends,
            rolls=tuple(RollSpell.of(row) for row in spells[pupil.id]),
            revision=0,
            former_upns=former.get(pupil.id, ()),
            asserted_upns=asserted.get(pupil.id, ()),
            same_as=None if child[pupil.id] == pupil.id else child[pupil.id],
        )
    await _publish(tx, "published_rolls", events)


async def publish_parents(tx: Transaction, pupil_ids: Iterable[UUID]) -> None:
    """Publish the parents of pupils, whom it locks, through all schools, where they are not what was published last."""
    ids = list(pupil_ids)
    if not ids:
        return
    listed = await parents.parents_of_all(tx, [pupil.id for pupil in await pupils.lock(tx, ids)])
    events = {pupil_id: ParentChanged(pupil_id=pupil_id, parents=_people(rows), revision=0) for pupil_id, rows in listed.items()}
    await _publish(tx, "published_parents", events)


def _people(listed: Sequence[ParentRow]) -> tuple[PupilParent, ...]:
    # One person may stand under two references of one school (after a match was confirmed): once is enough.
    people = {(row.urn, row.parent_id): PupilParent.of(row) for row in reversed(listed)}
    return tuple(people[key] for key in sorted(people))


async def _publish(tx: Transaction, column: pupils.Published, events: Mapping[UUID, RollChanged | ParentChanged]) -> None:
    states = {pupil_id: orjson.dumps(event.model_dump(mode="json", exclude={"revision"})).decode() for pupil_id, event in events.items()}
    revisions = await pupils.change_published(tx, column, states)
    await publish_many(tx, [events[each].model_copy(update={"revision": revisions[each]}) for each in events if each in revisions])
