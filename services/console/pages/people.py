"""Names of pupils, read from registers whenever a page shows them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from services.console.clients import Services
from services.console.responses.schools import NamedPupils, Pupil

AT_ONCE = 100
"""Pupils whose names registers returns in one response."""


async def load_pupils(services: Services, ids: Iterable[UUID]) -> Mapping[UUID, Pupil]:
    """Return the pupils by id, without those that registers does not show to this person; none at all where it is down."""

    async def some(pupil_ids: Sequence[UUID]) -> NamedPupils | None:
        return await services.optional(services.get("registers", "/v1/people", NamedPupils, pupil_id=pupil_ids))

    asked = sorted(set(ids))
    found = await asyncio.gather(*(some(asked[start : start + AT_ONCE]) for start in range(0, len(asked), AT_ONCE)))
    return {pupil.id: pupil for each in found if each for pupil in each.items}
