"""What relies on sessions: which of them that spends, and which change of a mark concerns it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from services.thresholds.domain.counting import DUAL
from services.thresholds.domain.facts import Mark, MarkKey, unauthorised_codes
from services.thresholds.domain.sessions import Session

Kind = Literal["notice-to-improve", "penalty-notice", "excluded-pupil-notice", "prosecution-file"]
LossReason = Literal["off-roll", "not-held", "not-of-age", "leave-granted"]
"""Why a session that was relied on can no longer be the pupil's, although its mark is as it was."""
NO_MARK = "-"
"""In place of a code where there is no mark."""


@dataclass(frozen=True, slots=True)
class Reliance:
    """A Notice to Improve, a notice or a court file, and the marks it relies on, as they were then.

    Events may come in any order: it may be withdrawn, or charged, before its sessions are known.
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
    def in_force(self) -> bool:
        """Return whether it has not been withdrawn."""
        return self.withdrawn_on is None


@dataclass(frozen=True, slots=True)
class MarkChange:
    """A session's mark is no longer the one relied on; or the mark is, and the session is `lost` to the pupil."""

    session: Session
    urn: int
    previous_code: str
    previous_version: int
    code: str
    version: int
    relied_on_by: tuple[Reliance, ...]
    lost: LossReason | None = None


def spent(reliances: Iterable[Reliance]) -> frozenset[Session]:
    """Return the sessions that are spent for the threshold (Working together to improve school attendance, national framework).

    A penalty notice spends its sessions from issue and a charge its own, whatever the verdict. Withdrawal gives sessions back only where
    its ground allows a new notice and no court file in force relies on the session; another notice spends it by itself. A Notice to
    Improve spends nothing.
    """
    every = list(reliances)
    gone: set[Session] = set()
    given_back: set[Session] = set()
    for each in every:
        gone.update(each.charged)
        if each.kind == "penalty-notice":
            (given_back if each.restores else gone).update(mark.session for mark in each.marks)
    for each in every:
        if each.kind == "prosecution-file" and each.in_force:
            gone.update(given_back.intersection(mark.session for mark in each.marks))
    return frozenset(gone)


def change_by_mark(new: Mark, stored: Mark | None, reliances: Iterable[Reliance]) -> MarkChange | None:
    """Return the change that a newer mark is to what relies on its session; None where the code is the same or nothing relies on it.

    Another school's mark is a mark of the session too: its first one is a change if it contradicts the mark relied on.
    """
    affected, latest = [], stored
    for each in reliances:
        relied_on = next((mark for mark in each.marks if mark.session == new.session), None)
        if relied_on is None or not each.in_force:
            continue
        before = _later(stored, relied_on if relied_on.urn == new.urn else None)
        if (new.version > before.version and new.code != before.code) if before else contradicts(new):
            affected.append(each)
            latest = _later(latest, before)
    return _change(new, latest, affected) if affected else None


def change_by_leave(new: Mark, stored: Mark | None, reliances: Iterable[Reliance]) -> MarkChange | None:
    """Return the change that leave granted for the day of a mark is to what relies on it; None where it was granted before or nothing does."""
    if not new.covered or (stored and stored.covered) or new.code not in unauthorised_codes(new.session.date):
        return None
    affected = [each for each in reliances if each.in_force and any(mark.key == new.key for mark in each.marks)]
    return replace(_change(new, new, affected), lost="leave-granted") if affected else None


def changes_by_reliance(new: Reliance, marks: Mapping[MarkKey, Mark]) -> list[MarkChange]:
    """Return the marks that had already changed when the notice or file that relies on them became known."""
    found = []
    for relied_on in new.marks if new.in_force else ():
        for (session, urn), mark in sorted(marks.items()):
            if session != relied_on.session:
                continue
            if urn == relied_on.urn and mark.version > relied_on.version and mark.code != relied_on.code:
                found.append(_change(mark, relied_on, [new]))
            elif urn != relied_on.urn and contradicts(mark):
                found.append(_change(mark, None, [new]))
    return found


def contradicts(mark: Mark) -> bool:
    """Return whether by another school's mark the pupil was not absent without authority (dual registration gives way)."""
    return mark.code != DUAL and mark.code not in unauthorised_codes(mark.session.date)


def _later(one: Mark | None, other: Mark | None) -> Mark | None:
    return max((mark for mark in (one, other) if mark), key=lambda mark: mark.version, default=None)


def _change(new: Mark, before: Mark | None, affected: Iterable[Reliance]) -> MarkChange:
    code, version = (before.code, before.version) if before else (NO_MARK, 0)
    return MarkChange(new.session, new.urn, code, version, new.code, new.version, tuple(affected))
