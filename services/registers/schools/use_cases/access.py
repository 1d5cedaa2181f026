"""Which schools a caller may reach: checked against the database before a request's body is read."""

from collections.abc import Mapping

from services.registers.schools.repository import schools
from shared.database import Transaction
from shared.http import OUT_OF_REACH, CallerInfo
from shared.problems import Forbidden


async def in_area(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether the school of the path is one of the caller's authority."""
    urn = _urn(path)
    return urn is not None and await schools.authority_of(tx, urn) == caller.la_code


async def in_area_or_new(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether the school of the path is one of the caller's authority, or of none yet: it is then made in theirs.

    Which schools there are is a public register; nothing else is made by a path that names nothing.
    """
    urn = _urn(path)
    return urn is not None and await schools.authority_of(tx, urn) in {caller.la_code, None}


async def require_area(tx: Transaction, caller: CallerInfo, urn: int) -> None:
    """Raise Forbidden where the caller's token is narrowed to an authority of which this school, named in a query or a body, is none."""
    if caller.la_code and await schools.authority_of(tx, urn) != caller.la_code:
        raise Forbidden(OUT_OF_REACH)


def _urn(path: Mapping[str, str]) -> int | None:
    urn = path["urn"]
    return int(urn) if len(urn) == 6 and urn.isascii() and urn.isdecimal() else None


async def own_schools(tx: Transaction, caller: CallerInfo) -> frozenset[int] | None:
    """Return the schools whose marks a bound caller may see, with those that they continue; None where any."""
    return await schools.continued(tx, caller.schools) if caller.bound else None
