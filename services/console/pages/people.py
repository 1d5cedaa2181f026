"""Names for lists of cases, asked from registers when they are shown."""

import asyncio
from collections.abc import Iterable, Mapping
from uuid import UUID

from services.console.answers import People, Pupil
from services.console.clients import Services

AT_ONCE = 8


async def pupils(services: Services, ids: Iterable[UUID]) -> Mapping[UUID, Pupil]:
    """Return the pupils whom registers tells this person of; a list without names is still a list."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(pupil_id: UUID) -> People | None:
        async with limit:
            if "registers" in services.down | services.forbidden:
                return None
            return await services.tried(services.get("registers", f"/v1/people/{pupil_id}", People))

    found = await asyncio.gather(*(one(pupil_id) for pupil_id in set(ids)))
    return {people.pupil.id: people.pupil for people in found if people}
