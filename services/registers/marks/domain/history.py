"""A pupil's marks with every version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.registers.marks.domain.register_times import Flag
from shared.attendance.sessions import Half

Source = Literal["register", "amendment", "release", "import"]


@dataclass(frozen=True, slots=True)
class Signatory:
    """A person named in a register, by name and office."""

    name: str
    title: str | None


@dataclass(frozen=True, slots=True)
class MarkVersion:
    """One version of a mark, with the receipt it came with."""

    date: date
    session: Half
    urn: int
    version: int
    code: str
    minutes_late: int | None
    revision: int
    recorded_at: datetime
    source: Source
    reason: str | None
    by_name: str | None
    by_title: str | None
    caller: str

    @property
    def by(self) -> Signatory | None:
        """Return the person named in the receipt."""
        return Signatory(self.by_name, self.by_title) if self.by_name else None


@dataclass(frozen=True, slots=True)
class MarkHistory:
    """A mark with all its versions, the original first, and what is wrong with it as it now stands."""

    pupil_id: UUID
    urn: int
    date: date
    session: Half
    flags: Sequence[Flag]
    versions: Sequence[MarkVersion]

    @property
    def code(self) -> str:
        """Return the code as it now stands."""
        return self.versions[-1].code

    @property
    def version(self) -> int:
        """Return the number of the version that now stands."""
        return self.versions[-1].version

    @property
    def flagged(self) -> bool:
        """Return whether anything is wrong with the mark."""
        return bool(self.flags)
