"""Judge again from the facts: for operations after a change of the law packs, and for the doctor."""

from collections.abc import Callable
from uuid import UUID

from services.thresholds.domain.pupils import review
from services.thresholds.repository import identities, reading
from services.thresholds.use_cases import children
from services.thresholds.use_cases.judging import policies, schools_of, settle
from services.thresholds.use_cases.reading import area
from shared.database import Database, Transaction
from shared.http import CallerInfo
from shared.ids import new_id

AT_ONCE = 200
"""Pupils loaded together where they are locked."""
LOOKED_AT_TOGETHER = 1_000
"""Pupils loaded together where nothing is changed: more would cost memory and save no time."""
AT_MOST = 2_000
"""Pupils judged, and so locked, in one request."""


async def recompute(
    tx: Transaction, caller: CallerInfo, *, urn: int | None, la_code: str | None, after: UUID | None
) -> tuple[int, int, UUID | None]:
    """Judge pupils again; return how many were judged, how many stand otherwise, and where to go on (None at the end)."""
    la_code = area(caller, la_code)
    judged = changed = 0
    while judged < AT_MOST:
        ids = await reading.known_pupils(tx, urn=urn, la_code=la_code, after=after, limit=AT_ONCE)
        if ids:
            child = await children.hold(tx, ids)
            changed += await settle(tx, await children.load(tx, {*ids, *children.under(child, ids)}, child))
            judged, after = judged + len(ids), ids[-1]
        if len(ids) < AT_ONCE:
            return judged, changed, None
    return judged, changed, after


async def stored_that_differ(database: Database, progress: Callable[[int], None] = lambda _: None) -> list[UUID]:
    """Return the pupils whose stored judgement is not what the stored facts come to now; nothing is changed.

    `progress` is told how many pupils have been looked at; they are loaded in batches, each as of one moment.
    """
    found: list[UUID] = []
    looked_at = 0
    after: UUID | None = None
    while True:
        async with database.begin() as tx:
            await reading.as_of_one_moment(tx)
            ids = await reading.known_pupils(tx, urn=None, la_code=None, after=after, limit=LOOKED_AT_TOGETHER)
            pupils = await children.load(tx, ids, await identities.absorbed(tx, ids))
            schools = await schools_of(tx, pupils)
        for pupil in pupils:
            reviewed = review(pupil, schools, policies(), new_id())
            if reviewed and reviewed.standing != pupil.standing:
                found.append(pupil.id)
        looked_at += len(ids)
        progress(looked_at)
        if len(ids) < LOOKED_AT_TOGETHER:
            return found
        after = ids[-1]
