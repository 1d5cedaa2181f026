"""Judge again from the facts: for operations after a change of the law packs, and for the doctor."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.thresholds.domain.pupils import judge_pupil
from services.thresholds.repository.pupils import load_pupils
from services.thresholds.repository.standings import as_of_one_moment, pupils_with_roll
from services.thresholds.use_cases.judging import judge_and_publish, policies, schools_of
from services.thresholds.use_cases.pupil_records import judged_ids, lock_children
from services.thresholds.use_cases.standings import authority_of
from shared.attendance.identities import merged_records
from shared.database import Database, Transaction
from shared.http import CallerInfo
from shared.ids import new_id

BATCH_SIZE = 200
"""Pupils loaded together where they are locked."""
READ_ONLY_BATCH_SIZE = 1_000
"""Pupils loaded together where nothing is changed: more would cost memory and save no time."""
MAX_PUPILS = 2_000
"""Pupils judged, and so locked, in one request."""


@dataclass(frozen=True, slots=True)
class Recomputation:
    """How many pupils were judged again, how many stand otherwise, and after whom to go on (None at the end)."""

    judged: int
    changed: int
    next: UUID | None


async def recompute(tx: Transaction, caller: CallerInfo, *, urn: int | None, la_code: str | None, after: UUID | None) -> Recomputation:
    """Judge pupils again, of a school or an authority if one is named, in the order of their ids, beginning after one of them."""
    la_code = authority_of(caller, la_code)
    judged = changed = 0
    while judged < MAX_PUPILS:
        batch = await judge_batch(tx, urn=urn, la_code=la_code, after=after)
        judged, changed, after = judged + batch.judged, changed + batch.changed, batch.next
        if after is None:
            break
    return Recomputation(judged, changed, after)


async def judge_batch(tx: Transaction, *, urn: int | None = None, la_code: str | None = None, after: UUID | None) -> Recomputation:
    """Judge the next pupils again as `recompute` does, as many as are locked together."""
    ids = await pupils_with_roll(tx, urn=urn, la_code=la_code, after=after, limit=BATCH_SIZE)
    if not ids:
        return Recomputation(0, 0, None)
    child_of = await lock_children(tx, ids)
    changed = await judge_and_publish(tx, await load_pupils(tx, {*ids, *judged_ids(child_of, ids)}, child_of))
    return Recomputation(len(ids), changed, ids[-1] if len(ids) == BATCH_SIZE else None)


async def find_stale_standings(database: Database, progress: Callable[[int], None] = lambda _: None) -> list[UUID]:
    """Return the pupils whose stored standing is not the one that the stored facts lead to now; nothing is changed.

    `progress` is called with how many pupils have been looked at; they are loaded in batches, each as of one moment.
    """
    found: list[UUID] = []
    looked_at = 0
    after: UUID | None = None
    while True:
        async with database.begin() as tx:
            await as_of_one_moment(tx)
            ids = await pupils_with_roll(tx, urn=None, la_code=None, after=after, limit=READ_ONLY_BATCH_SIZE)
            pupils = await load_pupils(tx, ids, await merged_records(tx, ids))
            schools = await schools_of(tx, pupils)
        for pupil in pupils:
            judged = judge_pupil(pupil, schools, policies(), new_id())
            if judged and judged.standing != pupil.standing:
                found.append(pupil.id)
        looked_at += len(ids)
        progress(looked_at)
        if len(ids) < READ_ONLY_BATCH_SIZE:
            return found
        after = ids[-1]
