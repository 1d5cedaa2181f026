"""Whose pupil it is: checked before a request's body is looked at."""

from collections.abc import Mapping

from services.registers.pupils.repository import pupils
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo
from shared.problems import Forbidden


async def own_pupil(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> None:
    """Refuse whoever has nothing to do with a pupil: no school of theirs has or had the pupil on its roll, nor any of their area.

    The answer is the same whether or not there is such a pupil.
    """
    pupil = path.get("upn") or path["pupil_id"]
    async with all_rows_visible(tx):  # by any number and any record of the child
        if caller.bound and not await pupils.was_ever_at(tx, pupil, caller.schools):
            raise Forbidden("That pupil is not, and was not, on this school's roll.")
        if caller.la_code and not await pupils.was_ever_in_area(tx, pupil, caller.la_code):
            raise Forbidden("That pupil was never on a roll in this authority.")
