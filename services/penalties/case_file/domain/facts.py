"""A case as the rules see it: everything that was said and done, in order of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

Slot = tuple[date, str]
"""A session, whoever's mark it is: a date and `AM` or `PM`."""


@dataclass(frozen=True, slots=True)
class Session:
    """One counting session: which mark, in which version, and whether a closed case had set it aside."""

    date: date
    session: str
    code: str
    urn: int
    version: int
    set_aside: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Read a session as events and tables hold it."""
        day, aside = date.fromisoformat(stored["date"]), stored.get("set_aside", False)
        return cls(day, stored["session"], stored["code"], stored["urn"], stored["version"], aside)

    def as_json(self) -> dict[str, Any]:
        """Return the session as a notice holds it: without what a closed case had said about it."""
        return {"date": self.date.isoformat(), "session": self.session, "code": self.code, "urn": self.urn, "version": self.version}

    @property
    def slot(self) -> Slot:
        """Which session this is, for every school."""
        return self.date, self.session


@dataclass(frozen=True, slots=True)
class Parent:
    """One person as a parent of the pupil; `open_match`: perhaps the same person as another, which an officer has yet to say."""

    id: UUID
    open_match: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What a named person decided, for which parents."""

    id: UUID
    decision: str
    parent_ids: tuple[UUID, ...]
    decided_at: datetime
    no_improvement_notice_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the authority said to the request."""

    id: UUID
    agreed: bool
    recommendation: str
    parent_ids: tuple[UUID, ...]
    agreed_at: datetime


@dataclass(frozen=True, slots=True)
class ImprovementNotice:
    """One Notice to Improve to one parent."""

    id: UUID
    parent_id: UUID
    status: str
    issued_at: datetime
    served_on: date | None = None
    ends_on: date | None = None
    early_grounds: str | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class PenaltyNotice:
    """One penalty notice to one parent. `stands`: not withdrawn on a ground that allows a new one."""

    id: UUID
    parent_id: UUID
    status: str
    issued_at: datetime
    stands: bool = True
    concluded: bool = False


@dataclass(frozen=True, slots=True)
class CourtFile:
    """One court file against one parent: `opened`, `charged`, `concluded` or `withdrawn`."""

    id: UUID
    parent_id: UUID
    status: str


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about one case that a rule may ask."""

    id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    run_id: UUID
    status: str
    threshold: str
    holiday: bool
    sessions: tuple[Session, ...]
    """The ten of the crossing."""
    counting: tuple[Session, ...]
    """Every counting session, as thresholds judged them last."""
    parents: tuple[Parent, ...] = ()
    decisions: tuple[Decision, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    improvement_notices: tuple[ImprovementNotice, ...] = ()
    penalty_notices: tuple[PenaltyNotice, ...] = ()
    court_files: tuple[CourtFile, ...] = ()
    held: bool = False
    """The mark of a session behind one of its notices changed, or a letter came back, and no officer has cleared it."""
    relied_on: tuple[Session, ...] = ()
    """Sessions behind standing penalty notices to any parent of the pupil: spent for the threshold, not for the other parent."""
    spent: Mapping[UUID, frozenset[Slot]] = field(default_factory=dict)
    """By parent: sessions that a standing notice or a charge has spent against them."""
    changed: frozenset[tuple[date, str, int]] = frozenset()
    """Marks (date, session, school) that were amended since they were judged, or whose session is none of the pupil's any more."""


@dataclass(frozen=True, slots=True)
class OffencePeriod:
    """First and last day of the offence, both included."""

    start: date
    end: date


RUNNING = frozenset({"issued", "served"})
FAILED = frozenset({"failed", "failed-early"})
UNSETTLED = frozenset({"issued", "served", "overdue"})
