"""Names of pupils, read from registers whenever a page shows them."""

import asyncio
from collections.abc import Iterable, Mapping
from uuid import UUID

from services.console.clients import Services
from services.console.responses.schools import People, Pupil

MAX_CONCURRENT = 8


async def load_pupils(services: Services, ids: Iterable[UUID]) -> Mapping[UUID, Pupil]:
    """Return the pupils by id, without those that registers does not show to this person; none at all where it is down."""
    limit = asyncio.Semaphore(MAX_CONCURRENT)

    async def one(pupil_id: UUID) -> People | None:
        async with limit:
            if "registers" in services.down | services.forbidden:
                return None
            return await services.optional(services.get("registers", f"/v1/people/{pupil_id}", People))

    found = await asyncio.gather(*(one(pupil_id) for pupil_id in set(ids)))
    return {people.pupil.id: people.pupil for people in found if people}
