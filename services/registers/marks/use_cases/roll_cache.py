"""Schools' rolls in memory."""

from collections import OrderedDict

from services.registers.marks.domain.school_rolls import SchoolRoll
from services.registers.marks.repository import marks
from services.registers.marks.repository.granted_leave import granted_leave
from shared.database import Database, RowVisibility

MAX_PUPILS = 300_000
"""Pupils whose rolls are cached, at about 300 bytes each."""


class RollCache:
    """Schools' rolls in memory, the longest unused evicted first. Whether one is out of date shows when a register is stored by it."""

    def __init__(self) -> None:
        self._rolls: OrderedDict[int, SchoolRoll] = OrderedDict()
        self._pupils = 0

    def cached(self, urn: int) -> SchoolRoll | None:
        """Return a school's roll if it is in memory, however old."""
        roll = self._rolls.get(urn)
        if roll is not None:
            self._rolls.move_to_end(urn)
        return roll

    async def load(self, database: Database, urn: int) -> SchoolRoll | None:
        """Return a school's roll as it stands: the one in memory, or a new one where that has another version; None without such a school."""
        async with database.visible_to(RowVisibility({urn})).begin() as tx:
            version = await marks.roll_version(tx, urn)
            if version is None:
                return None
            cached = self._rolls.get(urn)
            if cached is not None and cached.version == version:
                return cached
            roll = SchoolRoll(version, await marks.roll(tx, urn), await granted_leave(tx, urn))
        self.evict(urn)
        self._rolls[urn] = roll
        self._pupils += len(roll.pupils)
        while self._pupils > MAX_PUPILS and len(self._rolls) > 1:
            self.evict(next(iter(self._rolls)))
        return roll

    def evict(self, urn: int) -> None:
        """Drop a school's roll."""
        if roll := self._rolls.pop(urn, None):
            self._pupils -= len(roll.pupils)


ROLLS = RollCache()
