"""Families."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.registers.families import use_cases
from services.registers.families.schemas import FamilyOut
from services.registers.families.use_cases import Days
from services.registers.fields import CivilDate
from services.registers.pupils.use_cases.access import own_pupil
from shared.http import Caller, Router, Tx, allow
from shared.http.access import OFFICERS

router = Router(tags=["families"])


def _days(
    first: Annotated[CivilDate | None, Query(alias="from", description="With `to`: marks and leave of these days are shown")] = None,
    last: Annotated[CivilDate | None, Query(alias="to", description="At most 91 days after `from`")] = None,
) -> Days | None:
    return Days.of(first, last)


SameDays = Annotated[Days | None, Depends(_days)]


@router.get("/people/{pupil_id}/family")
@allow(*OFFICERS, "school", "service", guard=own_pupil)
async def read_family(tx: Tx, caller: Caller, pupil_id: UUID, days: SameDays) -> FamilyOut:
    """A child's parents and all children of theirs, and what schools recorded of each child on the same days.

    One person across schools counts once, as officers confirmed. A school sees its own pupils and registers, an officer of an authority those
    of its schools.
    """
    return FamilyOut.of(await use_cases.read_family(tx, caller, pupil_id, days))


@router.get("/parents/{parent_id}/children")
@allow(*OFFICERS, "school", "service", guard=use_cases.own_parent)
async def read_children(tx: Tx, caller: Caller, parent_id: UUID, days: SameDays) -> FamilyOut:
    """The children of a parent, and what schools recorded of each on the same days, as far as the caller may see it."""
    return FamilyOut.of(await use_cases.read_parent(tx, caller, parent_id, days))
