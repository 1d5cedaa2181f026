"""Children with all of their records: locked, loaded, and their new marks stored."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product
from uuid import UUID

from services.thresholds.domain.facts import Mark
from services.thresholds.domain.pupils import NewMark, Pupil, record_marks
from services.thresholds.domain.reliance import MarkChange
from services.thresholds.domain.sessions import Session
from services.thresholds.repository import marks
from services.thresholds.repository.pupils import load_pupils, lock_pupils
from shared.attendance.identities import merged_records
from shared.database import Transaction

ChildOf = Mapping[UUID, UUID]
"""The merged records, each with the record under which the child is judged: hardly any pupil has two."""


async def lock_children(tx: Transaction, ids: Iterable[UUID]) -> ChildOf:
    """Lock pupils with every record of the same children; return which of all these records are merged, and into which."""
    locked = set(ids)
    await lock_pupils(tx, locked)
    while True:
        child_of = await merged_records(tx, locked)
        more = {*child_of, *child_of.values()} - locked
        if not more:
            return child_of
        # Out of order, where two who lock records of one child may wait for each other: one of them is tried again.
        await lock_pupils(tx, more)
        locked |= more


def judged_ids(child_of: ChildOf, ids: Iterable[UUID]) -> set[UUID]:
    """Return the ids under which the children of these records are judged."""
    return {child_of.get(each, each) for each in ids}


async def store_marks_of_children(
    tx: Transaction, new_marks: Mapping[UUID, Sequence[NewMark]], concerned: Collection[UUID], child_of: ChildOf
) -> tuple[list[Pupil], dict[UUID, Sequence[MarkChange]]]:
    """Store new marks, each on the record that it was sent under; return the children concerned, and their changes to marks relied on."""
    also = {(pupil_id, new.mark.session) for pupil_id, own in new_marks.items() for new in own}
    merged = {*child_of, *child_of.values()}
    single, to_store, changes = [], [], {}
    for pupil in await load_pupils(tx, {*concerned} - merged, None, also):
        after, newer, changes[pupil.id] = record_marks(pupil, new_marks.get(pupil.id, ()))
        to_store += [(pupil.id, mark) for mark in newer]
        single.append(after)
    more_to_store, more_changes = await _record_on_merged(tx, new_marks, {session for _, session in also}, child_of) if merged else ([], {})
    await marks.store_marks(tx, [*to_store, *more_to_store])
    children = await load_pupils(tx, judged_ids(child_of, concerned) & merged, child_of) if merged else []
    return [*single, *children], {**changes, **more_changes}


async def _record_on_merged(
    tx: Transaction, new_marks: Mapping[UUID, Sequence[NewMark]], sessions: Collection[Session], child_of: ChildOf
) -> tuple[list[tuple[UUID, Mark]], dict[UUID, Sequence[MarkChange]]]:
    """Return the marks to store of children with several records, and by child the changes to marks relied on, on any record."""
    to_store: list[tuple[UUID, Mark]] = []
    changes: dict[UUID, Sequence[MarkChange]] = {}
    ids = {*child_of, *child_of.values()}
    records = await load_pupils(tx, ids, None, [*product(ids, sessions)])
    for pupil in records:
        child = child_of.get(pupil.id, pupil.id)
        reliances = tuple(one for each in records if child_of.get(each.id, each.id) == child for one in each.reliances)
        _, newer, found = record_marks(Pupil(pupil.id, pupil.roll, pupil.marks, reliances), new_marks.get(pupil.id, ()))
        to_store += [(pupil.id, mark) for mark in newer]
        changes[child] = [*changes.get(child, ()), *found]
    return to_store, changes
