"""Whose school or pupil it is: checks against what is stored, before a request's body is looked at."""

from collections.abc import Mapping

from services.registers.repository import pupils, schools, successions
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo, only_for_callers_of_an_area
from shared.problems import Forbidden


@only_for_callers_of_an_area
async def in_area(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> None:
    """Refuse an officer whose token is narrowed to one authority a school of another."""
    urn = path["urn"]
    if caller.la_code and len(urn) == 6 and urn.isdecimal() and not await schools.may_reach(tx, int(urn), caller.la_code):
        raise Forbidden("That school belongs to another authority.")


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


async def own_schools(tx: Transaction, caller: CallerInfo) -> frozenset[int] | None:
    """Return the schools whose marks a bound caller may see, with those that they continue; None where any."""
    return await successions.continued(tx, caller.schools) if caller.bound else None
