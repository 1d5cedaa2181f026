"""Which pupils a caller may reach: checked against the database before a request's body is read."""

from collections.abc import Mapping

from services.registers.pupils.repository import pupils
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo
from shared.problems import Forbidden


async def own_pupil(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> None:
    """Refuse a caller none of whose schools, or no school of whose area, has or had the pupil on its roll.

    The answer is the same whether or not there is such a pupil.
    """
    pupil = path.get("upn") or path["pupil_id"]
    async with all_rows_visible(tx):  # by any number and any record of the child
        if caller.bound and not await pupils.was_ever_at(tx, pupil, caller.schools):
            raise Forbidden("That pupil is not, and was not, on this school's roll.")
        if caller.la_code and not await pupils.was_ever_in_area(tx, pupil, caller.la_code):
            raise Forbidden("That pupil was never on a roll in this authority.")
