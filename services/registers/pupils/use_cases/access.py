"""Which pupils a caller may reach: checked against the database before a request's body is read."""

from collections.abc import Mapping

from services.registers.pupils.repository import pupils
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo


async def own_pupil(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether one of the caller's schools, or a school of their authority, has or had the pupil on its roll."""
    pupil = path.get("upn") or path["pupil_id"]
    async with all_rows_visible(tx):  # by any number and any record of the child
        if caller.bound:
            return await pupils.was_ever_at(tx, pupil, caller.schools)
        return await pupils.was_ever_in_area(tx, pupil, caller.la_code or "")
