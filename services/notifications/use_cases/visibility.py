"""What a school may see: its own letters and messages, and those of the schools that it continues."""

from dataclasses import replace

from shared.attendance.successions import continued
from shared.database import Transaction
from shared.http import CallerInfo


async def with_predecessors(tx: Transaction, caller: CallerInfo) -> CallerInfo:
    """Return the caller with the schools, besides their own, that these continue."""
    return replace(caller, schools=await continued(tx, caller.schools)) if caller.bound else caller
