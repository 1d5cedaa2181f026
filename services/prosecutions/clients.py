"""Names and addresses from `registers`, at the moment a bundle is printed."""

from typing import Any
from uuid import UUID

from shared.http import ServiceClient

REGISTERS = ServiceClient("registers")


async def ask_people(pupil_id: UUID) -> dict[str, Any]:
    """Return a pupil and their parents, with names and addresses; raise NotFound or Unavailable."""
    answer: dict[str, Any] = await REGISTERS.get(f"/v1/people/{pupil_id}")
    return answer


async def ask_school(urn: int) -> dict[str, Any]:
    """Return a school; raise NotFound or Unavailable."""
    answer: dict[str, Any] = await REGISTERS.get(f"/v1/schools/{urn}")
    return answer
