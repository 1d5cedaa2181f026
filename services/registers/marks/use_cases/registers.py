"""The full path of a register, and amendments: whatever was stored before is amended, not replaced."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.registers.marks.domain.granted_leave import MarkOfSession, PupilSession
from services.registers.marks.domain.history import MarkHistory
from services.registers.marks.domain.registers import (
    Accepted,
    Enrolled,
    LockedRegister,
    Receipt,
    Rejection,
    SentMark,
    StoredMark,
    check_marks,
    session_codes,
)
from services.registers.marks.repository import granted_leave, marks, quarantine
from services.registers.marks.repository.marks import CurrentMarkRow
from services.registers.marks.use_cases import publishing
from services.registers.marks.use_cases.history import read_history
from services.registers.marks.use_cases.republishing import marks_against_leave, publish_against_leave
from services.registers.marks.use_cases.roll_cache import ROLLS
from services.registers.marks.use_cases.unresolved import follow_unresolved
from services.registers.schools.repository import schools
from services.registers.schools.use_cases.schools import SchoolNotFound
from shared import clock
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.messaging import publish_many
from shared.problems import Conflict, Invalid, NotFound


class MarkNotFound(NotFound):
    """There is no such mark."""


class CodeInvalid(Invalid):
    """The code cannot be entered for this session."""


@dataclass(frozen=True, slots=True)
class RejectedMark:
    """A mark that went to quarantine, and why."""

    upn: str
    code: str
    reason: str


class NothingToConfirm(Conflict):
    """The mark contradicts no leave."""


@dataclass(frozen=True, slots=True)
class RegisterOutcome:
    """How many marks of a register were recorded, unchanged, amended and ignored, and which were rejected."""

    recorded: int
    unchanged: int = 0
    amended: int = 0
    ignored: int = 0
    rejected: Sequence[RejectedMark] = ()


async def store_register(
    tx: Transaction, urn: int, day: date, session: Half, sent: Sequence[SentMark], receipt: Receipt
) -> RegisterOutcome:
    """Store a register or a part of it: accepted marks, a quarantine for the rejected ones; publish what changed. Raise SchoolNotFound."""
    _refuse_unstorable(sent)
    register = await lock_register(tx, urn, day, session)
    cached = ROLLS.cached(urn)
    is_current = cached is not None and cached.version == register.roll_version
    roll = cached.pupils if cached and is_current else await marks.roll(tx, urn, [mark.upn for mark in sent])
    checked = check_marks(sent, session_codes(day, session), roll, today=clock.today())
    await marks.add_receipt(tx, register, receipt)
    if checked.rejected:
        await quarantine.quarantine_marks(tx, register, checked.rejected)
    changed = await store_accepted(tx, register, checked.accepted)
    recorded = sum(mark.version == 1 for mark in changed)
    return RegisterOutcome(
        recorded=recorded,
        amended=len(changed) - recorded,
        unchanged=len(checked.accepted) - len(changed),
        ignored=checked.ignored,
        rejected=[RejectedMark(mark.upn, mark.code, rejection.sentence) for mark, rejection in checked.rejected],
    )


async def amend_mark(tx: Transaction, urn: int, day: date, session: Half, upn: str, sent_code: str, receipt: Receipt) -> MarkHistory:
    """Give a mark another code, for a reason, by a named person (SI 2024/208 reg. 6); the original stays."""
    code = session_codes(day, session).read(sent_code)
    if code is None or isinstance(code, Rejection):
        raise CodeInvalid(code.sentence if code else "That stands for no mark; a mark is amended, never taken away.")
    register, pupil, mark = await lock_mark(tx, urn, day, session, upn)
    if mark.code != code:
        await marks.add_receipt(tx, register, receipt)
        await store_accepted(tx, register, {pupil.pupil_id: Accepted(code, None, pupil.dual(day))})
    return await _history_of(tx, register, pupil)


async def confirm_mark(tx: Transaction, urn: int, day: date, session: Half, upn: str, receipt: Receipt) -> MarkHistory:
    """Store a person's word that a mark is right although leave was granted for its day, and publish it again; raise MarkNotFound, NothingToConfirm."""
    register, pupil, mark = await lock_mark(tx, urn, day, session, upn)
    at = PupilSession(register.date, register.session, pupil.pupil_id)
    if not await marks_against_leave(tx, urn, [MarkOfSession(at, mark.code, mark.version)]):
        raise NothingToConfirm("No leave was granted for this day that the mark contradicts, or it was confirmed already.")
    await granted_leave.confirm(tx, urn, at, mark.version, receipt)
    await publish_against_leave(tx, urn, pupil.pupil_id, day, day)
    return await _history_of(tx, register, pupil)


async def lock_mark(tx: Transaction, urn: int, day: date, session: Half, upn: str) -> tuple[LockedRegister, Enrolled, CurrentMarkRow]:
    """Lock a register; return it with one of its pupils and their mark. Raise MarkNotFound where it holds none."""
    register = await lock_register(tx, urn, day, session)
    pupil = (await marks.roll(tx, urn, [upn])).get(upn)
    before = await marks.current_marks(tx, pupil.pupil_id, urn, day, day) if pupil else []
    mark = next((each for each in before if each.session == session), None)
    if pupil is None or mark is None:
        raise MarkNotFound
    return register, pupil, mark


async def _history_of(tx: Transaction, register: LockedRegister, pupil: Enrolled) -> MarkHistory:
    histories = await read_history(tx, pupil.pupil_id, register.date, register.date, [register.urn])
    return next(history for history in histories if history.session == register.session)


async def lock_register(tx: Transaction, urn: int, day: date, session: Half) -> LockedRegister:
    """Lock a school and raise its revision, to write to a register of this session; raise SchoolNotFound."""
    register = await marks.lock_register(tx, urn, day, session)
    if register is None:
        raise SchoolNotFound
    return register


async def store_accepted(tx: Transaction, register: LockedRegister, accepted: Mapping[UUID, Accepted]) -> list[StoredMark]:
    """Store marks and publish those whose code changed; return those that changed in anything."""
    if not accepted:
        return []
    if not register.has_partition:
        await marks.make_partition(tx, register.date)
    changed = await marks.store_marks(tx, register, accepted)
    amended = [mark.pupil_id for mark in changed if mark.version > 1]
    replaced = await marks.replaced_codes(tx, register, amended) if amended else {}
    found = [MarkOfSession(PupilSession(register.date, register.session, mark.pupil_id), mark.code, mark.version) for mark in changed]
    against_leave = {at.pupil_id for at in await marks_against_leave(tx, register.urn, found)}
    recorded = publishing.recorded_marks(changed, replaced, accepted, against_leave)
    await follow_unresolved(tx, register, recorded)
    events = publishing.session_recorded(register, recorded)
    if len(events) > 1:
        await schools.raise_revision(tx, register.urn, by=len(events) - 1)
    await publish_many(tx, events)
    return changed


def _refuse_unstorable(sent: Iterable[SentMark]) -> None:
    if any("\x00" in mark.upn or "\x00" in mark.code for mark in sent):
        raise Invalid("A mark holds a character that is no text.")
