"""Which pupils a caller may reach: checked against the database before a request's body is read. Whom a caller means by a UPN."""

from collections.abc import Mapping

from services.registers.pupils.repository import pupils
from services.registers.pupils.repository.pupils import PupilRow
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo


async def own_pupil(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether one of the caller's schools, or a school of their authority, has or had the pupil on its roll."""
    pupil = path.get("upn") or path["pupil_id"]
    async with all_rows_visible(tx):  # by any number and any record of the child
        if caller.bound:
            return await pupils.was_ever_at(tx, pupil, caller.schools)
        return await pupils.was_ever_in_area(tx, pupil, caller.la_code or "")


async def pupil_meant(tx: Transaction, caller: CallerInfo, upn: str) -> PupilRow | None:
    """Return the pupil whom a caller means by a UPN: who has it, or where that one is out of reach, for whom it is asserted within reach."""
    found = await pupils.pupils_by_upn(tx, upn)
    if len(found) > 1 and (caller.bound or caller.la_code):
        reached = await pupils.reached(tx, [row.id for row in found], caller.schools if caller.bound else None, caller.la_code)
        found = [row for row in found if row.id in reached] or found
    return found[0] if found else None
