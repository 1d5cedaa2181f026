"""Names and addresses, schools, and decisions on leave from `registers`, when a letter is made."""

from datetime import date
from uuid import UUID

from services.notifications.domain.leave import LeaveRequest, Policy
from services.notifications.domain.people import People, School
from shared.http import ServiceClient
from shared.problems import NotFound

REGISTERS = ServiceClient("registers")


async def ask_people(pupil_id: UUID) -> People:
    """Return a pupil and their parents, with names and addresses; raise NotFound, Unavailable or IncompleteResponse."""
    return await REGISTERS.read(f"/v1/people/{pupil_id}", People)


async def ask_school(urn: int) -> School:
    """Return a school; raise NotFound, Unavailable or IncompleteResponse."""
    return await REGISTERS.read(f"/v1/schools/{urn}", School)


async def ask_leave(leave_id: UUID) -> LeaveRequest:
    """Return a request for leave with what was decided; raise NotFound, Unavailable or IncompleteResponse."""
    return await REGISTERS.read(f"/v1/leave-requests/{leave_id}", LeaveRequest)


async def ask_policy(urn: int, on: date) -> Policy | None:
    """Return the attendance policy that a school had on a day, null where it sent none; raise Unavailable or IncompleteResponse."""
    try:
        return await REGISTERS.read(f"/v1/schools/{urn}/attendance-policies/{on}", Policy)
    except NotFound:
        return None
