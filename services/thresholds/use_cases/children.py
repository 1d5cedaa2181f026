"""Children, whichever records they have: held, loaded and judged with all of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product
from uuid import UUID

from services.thresholds.domain.facts import Mark
from services.thresholds.domain.pupils import NewMark, Pupil, record
from services.thresholds.domain.reliance import MarkChange
from services.thresholds.domain.sessions import Session
from services.thresholds.repository import identities
from services.thresholds.repository import pupils as stored
from shared.database import Transaction

Children = Mapping[UUID, UUID]
"""Records that are another one's, and whose: none of nearly every pupil."""


async def hold(tx: Transaction, ids: Iterable[UUID]) -> Children:
    """Hold pupils with every record of the same children; return which of all these records are another one's."""
    held = set(ids)
    await stored.lock(tx, held)
    while True:
        child = await identities.absorbed(tx, held)
        more = {*child, *child.values()} - held
        if not more:
            return child
        # Out of order, where two who hold parts of one child may wait for each other: one of them is tried again.
        await stored.lock(tx, more)
        held |= more


def under(child: Children, ids: Iterable[UUID]) -> set[UUID]:
    """Return under which ids the children of these records are judged."""
    return {child.get(each, each) for each in ids}


async def load(tx: Transaction, ids: Iterable[UUID], child: Children, *, everything: bool = False) -> list[Pupil]:
    """Return pupils, each as a child with all records; `everything`: with what is set aside."""
    return await stored.load(tx, {*ids}, (), child, everything=everything)


async def take_in(
    tx: Transaction, news: Mapping[UUID, Sequence[NewMark]], concerned: Collection[UUID], child: Children
) -> tuple[list[Pupil], dict[UUID, Sequence[MarkChange]]]:
    """Store new marks, each on the record that it was sent under; return the children concerned, and what shook something of theirs."""
    besides = {(pupil_id, new.mark.session) for pupil_id, marks in news.items() for new in marks}
    merged = {*child, *child.values()}
    alone, to_store, changes = [], [], {}
    for pupil in await stored.load(tx, {*concerned} - merged, besides):
        after, marks, changes[pupil.id] = record(pupil, news.get(pupil.id, ()))
        to_store += [(pupil.id, mark) for mark in marks]
        alone.append(after)
    more = await _of_children(tx, news, {session for _, session in besides}, child) if merged else ([], {})
    await stored.store_marks(tx, [*to_store, *more[0]])
    together = await load(tx, under(child, concerned) & merged, child) if merged else []
    return [*alone, *together], {**changes, **more[1]}


async def _of_children(
    tx: Transaction, news: Mapping[UUID, Sequence[NewMark]], sessions: Collection[Session], child: Children
) -> tuple[list[tuple[UUID, Mark]], dict[UUID, Sequence[MarkChange]]]:
    """Return the marks to store of children with several records, and by child what shook something that rests on any of them."""
    to_store: list[tuple[UUID, Mark]] = []
    changes: dict[UUID, Sequence[MarkChange]] = {}
    ids = {*child, *child.values()}
    records = await stored.load(tx, ids, [*product(ids, sessions)])
    for pupil in records:
        own = child.get(pupil.id, pupil.id)
        resting = tuple(one for each in records if child.get(each.id, each.id) == own for one in each.reliances)
        _, marks, found = record(Pupil(pupil.id, pupil.roll, pupil.marks, resting), news.get(pupil.id, ()))
        to_store += [(pupil.id, mark) for mark in marks]
        changes[own] = [*changes.get(own, ()), *found]
    return to_store, changes
