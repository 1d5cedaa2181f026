"""The marks of a period, asked of registers, and how far thresholds has come with them: never inside a transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from uuid import UUID

from services.penalties.case_file.domain.sessions import Session, Slot
from services.penalties.evidence.domain import MarkKey, RegisterMark, ThresholdView
from shared.attendance.register_codes import codes_on
from shared.attendance.sessions import Half
from shared.http import ServiceClient
from shared.problems import NotFound

REGISTERS = ServiceClient("registers")
OUTSIDE = {"not-held", "off-roll"}
"""Flags of a mark outside the school's sessions or the pupil's roll."""


@dataclass(frozen=True, slots=True)
class _Version:
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class _Mark:
    pupil_id: UUID
    urn: int
    date: date
    session: Half
    code: str
    versions: tuple[_Version, ...]
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Marks:
    items: tuple[_Mark, ...]


async def marks_of(upn: str, first: date, last: date) -> Mapping[MarkKey, RegisterMark]:
    """Return a pupil's marks in a period as the register has them now, on every record of the child. Raises Unavailable."""
    marks = await _ask(upn, first, last)
    return {MarkKey(mark.pupil_id, mark.urn, mark.date, mark.session): _register_mark(mark) for mark in marks}


async def attended_after(upn: str, slot: Slot, until: date) -> date | None:
    """Return the day of the pupil's first attending mark after a session, None where there is none. Raises Unavailable."""
    # A mark that only contradicts its register's times counts as it stands, until the school amends it.
    marks = (mark for mark in await _ask(upn, slot[0], until) if _category(mark) == "attending" and not OUTSIDE & mark.flags)
    return min((mark.date for mark in marks if (mark.date, mark.session) > slot), default=None)


async def _ask(upn: str, first: date, last: date) -> tuple[_Mark, ...]:
    try:
        found = await REGISTERS.read(f"/v1/pupils/{upn}/marks", _Marks, **{"from": first.isoformat(), "to": last.isoformat()})
    except NotFound:
        return ()
    return found.items


def _register_mark(mark: _Mark) -> RegisterMark:
    # A later version with the same code holds other minutes alone: it is evidence, but nothing is judged by it and nobody informed.
    code = mark.versions[-1].code
    version = min(each.version for each in takewhile(lambda each: each.code == code, reversed(mark.versions)))
    return RegisterMark(code, version, on_roll="off-roll" not in mark.flags, on_leave="leave-granted" in mark.flags)


def _category(mark: _Mark) -> str | None:
    code = codes_on(mark.date).get(mark.code)
    return code.category if code else None


THRESHOLDS = ServiceClient("thresholds")


@dataclass(frozen=True, slots=True)
class _JudgedMark:
    pupil_id: UUID
    urn: int
    date: date
    session: Half
    version: int


@dataclass(frozen=True, slots=True)
class _Run:
    run_id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class _Lost:
    date: date
    session: Half
    urn: int


@dataclass(frozen=True, slots=True)
class _Judged:
    marks: tuple[_JudgedMark, ...]
    runs: tuple[_Run, ...]
    set_aside: tuple[Session, ...]
    lost: tuple[_Lost, ...]


async def threshold_view(upn: str, first: date, last: date) -> ThresholdView:
    """Return what has been judged of a pupil's marks in a period; nothing of a pupil whom thresholds has not met yet. Raises Unavailable."""
    try:
        judged = await THRESHOLDS.read(f"/v1/pupils/{upn}/judged", _Judged, **{"from": first.isoformat(), "to": last.isoformat()})
    except NotFound:
        return ThresholdView({}, {})
    return ThresholdView(
        {MarkKey(mark.pupil_id, mark.urn, mark.date, mark.session): mark.version for mark in judged.marks},
        {run.run_id: run.revision for run in judged.runs},
        tuple(replace(session, set_aside=True) for session in judged.set_aside),
        frozenset((each.date, each.session, each.urn) for each in judged.lost),
    )
