"""What rests on sessions: which of them that spends, and which change of a mark shakes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from services.thresholds.domain.counting import DUAL
from services.thresholds.domain.facts import Mark, unauthorised_codes
from services.thresholds.domain.sessions import Session

Kind = Literal["notice-to-improve", "penalty-notice", "excluded-pupil-notice", "prosecution-file"]
Lost = Literal["off-roll", "not-held", "not-of-age"]
"""Why a session that was relied on is none of the pupil's any more, although its mark stands."""
NO_MARK = "-"
"""Stands for the code of a mark that was not there."""


@dataclass(frozen=True, slots=True)
class Reliance:
    """A Notice to Improve, a notice or a court file, and the marks it rests on, as they were then.

    What is known may come in any order: it may be withdrawn, or charged, before its sessions are known.
    """

    id: UUID
    kind: Kind
    marks: tuple[Mark, ...] = ()
    withdrawn_on: date | None = None
    restores: bool = False
    """Withdrawn on a ground that allows a new notice."""
    charged: tuple[Session, ...] = ()
    concluded_on: date | None = None

    @property
    def standing(self) -> bool:
        """Tell whether it has not been withdrawn."""
        return self.withdrawn_on is None


@dataclass(frozen=True, slots=True)
class MarkChange:
    """A session's mark is no longer what something rests on; or the mark stands, and the session is `lost`."""

    session: Session
    urn: int
    previous_code: str
    previous_version: int
    code: str
    version: int
    relied_on_by: tuple[Reliance, ...]
    lost: Lost | None = None


def spent(reliances: Iterable[Reliance]) -> frozenset[Session]:
    """Return the sessions that are spent for the threshold.

    A penalty notice spends its sessions from issue and a charge its own, whatever the verdict. Withdrawal gives back only where its
    ground allows a new notice and no court file that stands relies on the session; another notice spends it by itself. A Notice to
    Improve spends nothing.
    """
    known = list(reliances)
    gone: set[Session] = set()
    given_back: set[Session] = set()
    for each in known:
        gone.update(each.charged)
        if each.kind == "penalty-notice":
            (given_back if each.restores else gone).update(mark.session for mark in each.marks)
    for each in known:
        if each.kind == "prosecution-file" and each.standing:
            gone.update(given_back.intersection(mark.session for mark in each.marks))
    return frozenset(gone)


def change_by_mark(new: Mark, stored: Mark | None, reliances: Iterable[Reliance]) -> MarkChange | None:
    """Return what a newer mark changes under what stands on its session; None where its code is the same or nothing does.

    The mark of another school is a mark of the session too: its first one shakes what rests there if it contradicts it.
    """
    shaken, latest = [], stored
    for each in reliances:
        relied = next((mark for mark in each.marks if mark.session == new.session), None)
        if relied is None or not each.standing:
            continue
        before = _later(stored, relied if relied.urn == new.urn else None)
        if (new.version > before.version and new.code != before.code) if before else contradicts(new):
            shaken.append(each)
            latest = _later(latest, before)
    return _change(new, latest, shaken) if shaken else None


def changes_by_reliance(new: Reliance, marks: Mapping[tuple[Session, int], Mark]) -> list[MarkChange]:
    """Return the marks that were other than relied on when something that rests on them became known."""
    found = []
    for relied in new.marks if new.standing else ():
        for (session, urn), mark in sorted(marks.items()):
            if session != relied.session:
                continue
            if urn == relied.urn and mark.version > relied.version and mark.code != relied.code:
                found.append(_change(mark, relied, [new]))
            elif urn != relied.urn and contradicts(mark):
                found.append(_change(mark, None, [new]))
    return found


def contradicts(mark: Mark) -> bool:
    """Tell whether another school's mark says that the pupil was not absent without authority (dual registration gives way)."""
    return mark.code != DUAL and mark.code not in unauthorised_codes(mark.session.date)


def _later(one: Mark | None, other: Mark | None) -> Mark | None:
    return max((mark for mark in (one, other) if mark), key=lambda mark: mark.version, default=None)


def _change(new: Mark, before: Mark | None, shaken: Iterable[Reliance]) -> MarkChange:
    code, version = (before.code, before.version) if before else (NO_MARK, 0)
    return MarkChange(new.session, new.urn, code, version, new.code, new.version, tuple(shaken))
