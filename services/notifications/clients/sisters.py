"""The words of a notice from `penalties`; decisions on leave, names and addresses from `registers`, at the moment they are needed."""

from typing import Any
from uuid import UUID

from shared.http import ServiceClient
from shared.problems import NotFound

PENALTIES, REGISTERS = ServiceClient("penalties"), ServiceClient("registers")


async def ask_notice(kind: str, notice_id: UUID) -> dict[str, Any]:
    """Return a notice with everything that its letter prints; raise NotFound or Unavailable."""
    folder = "notices-to-improve" if kind == "notice-to-improve" else "penalty-notices"
    answer: dict[str, Any] = await PENALTIES.get(f"/v1/{folder}/{notice_id}")
    return answer


async def ask_people(pupil_id: UUID) -> dict[str, Any]:
    """Return a pupil and their parents, with names and addresses; raise NotFound or Unavailable."""
    answer: dict[str, Any] = await REGISTERS.get(f"/v1/people/{pupil_id}")
    return answer


async def ask_school(urn: int) -> dict[str, Any]:
    """Return a school; raise NotFound or Unavailable."""
    answer: dict[str, Any] = await REGISTERS.get(f"/v1/schools/{urn}")
    return answer


async def ask_leave(leave_id: UUID) -> dict[str, Any]:
    """Return a request for leave with what was decided; raise NotFound or Unavailable."""
    answer: dict[str, Any] = await REGISTERS.get(f"/v1/leave-requests/{leave_id}")
    return answer


async def ask_policy(urn: int, on: str) -> dict[str, Any] | None:
    """Return the attendance policy that a school had on a day, if it sent one; raise Unavailable."""
    try:
        answer: dict[str, Any] = await REGISTERS.get(f"/v1/schools/{urn}/attendance-policies/{on}")
    except NotFound:
        return None
    return answer
