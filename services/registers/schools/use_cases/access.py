"""Which schools a caller may reach: checked against the database before a request's body is read."""

from collections.abc import Mapping

from services.registers.schools.repository import schools
from shared.database import Transaction
from shared.http import CallerInfo, only_for_callers_of_an_area
from shared.problems import Forbidden


@only_for_callers_of_an_area
async def in_area(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> None:
    """Refuse an officer whose token is narrowed to one authority a school of another."""
    urn = path["urn"]
    if caller.la_code and len(urn) == 6 and urn.isdecimal() and not await schools.is_within(tx, int(urn), caller.la_code):
        raise Forbidden("That school belongs to another authority.")


async def own_schools(tx: Transaction, caller: CallerInfo) -> frozenset[int] | None:
    """Return the schools whose marks a bound caller may see, with those that they continue; None where any."""
    return await schools.continued(tx, caller.schools) if caller.bound else None
