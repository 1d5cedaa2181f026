"""Quarantined marks that a roll explains: stored at once where they are few, otherwise by the worker, in pieces between which others come in.

A piece holds all that waits for its sessions: what a school sends for one of them between two pieces is later than all that was released.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

from services.registers.marks.domain.registers import Enrolled, Receipt, check_marks, session_codes
from services.registers.marks.repository import marks, quarantine
from services.registers.marks.repository.quarantine import MarkOfRelease, QuarantinedMark, ReleaseProgress
from services.registers.marks.use_cases.registers import lock_register, store_accepted
from services.registers.schools.repository.schools import lock_schools
from services.registers.schools.use_cases.schools import read_school
from shared import clock
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.database.bells import ring_after_commit
from shared.due_work import DueWork, in_one_transaction

MARKS_AT_ONCE = 2_000
"""Waiting marks that one transaction looks at."""
REGISTERS_AT_ONCE = 200
"""Registers to which one transaction releases marks: about a second, in which the school is locked."""
MOST_COUNTED = 100_000
"""Marks up to which the waiting ones are counted."""
_JOB = "quarantined marks that a roll explains"
_BEFORE_ALL = (date.min, "")


async def release_marks(tx: Transaction, urn: int, pupil_ids: Sequence[UUID], caller: str) -> dict[UUID, int]:
    """Store the quarantined marks that pupils' rolls now explain, in the order of their arrival; return how many of each pupil's.

    The school is locked. Of several valid marks that came with one register the last counts, as it would have then. Where more wait than one
    transaction stores, the worker does it, and nothing is returned.
    """
    waiting = await quarantine.marks_to_release(tx, urn, pupil_ids, MARKS_AT_ONCE + 1)
    if len(waiting) > MARKS_AT_ONCE or len(_registers(waiting)) > REGISTERS_AT_ONCE:
        await quarantine.request_release(tx, urn, pupil_ids, caller)
        ring_after_commit(tx, _JOB)
        return {}
    return await _store_explained(tx, urn, waiting, caller)


async def read_progress(tx: Transaction, urn: int) -> ReleaseProgress:
    """Return how many pupils' marks are being released at a school, and how many marks still wait for that; raise SchoolNotFound."""
    await read_school(tx, urn)
    return await quarantine.marks_being_released(tx, urn, MOST_COUNTED)


async def _release_next(tx: Transaction, keys: Sequence[str]) -> int:
    """Release the next marks of each school; return how many pieces that were."""
    return sum([await _release_piece(tx, int(key)) for key in keys])


release_in_pieces = DueWork(_JOB, quarantine.schools_with_releases, in_one_transaction(_release_next))
"""The job: a piece of one school in each transaction."""


async def _release_piece(tx: Transaction, urn: int) -> bool:
    """Release the marks of the next sessions of a school; return whether any release was under way there."""
    await lock_schools(tx, [urn])
    position = await quarantine.release_position(tx, urn)
    if position is None:
        return False
    after = (position.done_date, position.done_session or "") if position.done_date else _BEFORE_ALL
    found = await quarantine.next_marks(tx, urn, after, MARKS_AT_ONCE + 1)
    is_last = len(found) <= MARKS_AT_ONCE
    sessions = _by_session(found)
    if not is_last:
        *full, (key, _) = sessions
        sessions = full or [(key, await quarantine.marks_of_session(tx, urn, *key))]
    taken: list[MarkOfRelease] = []
    done = None
    for key, marks_of_session in sessions:
        own = _limited([mark for mark in marks_of_session if mark.pupil_id and not mark.superseded])
        if done and len(_registers([*taken, *own])) > REGISTERS_AT_ONCE:
            is_last = False
            break
        taken += own
        done = key
    await _store_explained(tx, urn, sorted(taken, key=lambda mark: mark.id), position.caller)
    await quarantine.set_release_position(tx, urn, None if is_last else done)
    return True


def _by_session(found: Sequence[MarkOfRelease]) -> list[tuple[tuple[date, Half], list[MarkOfRelease]]]:
    return [(key, list(group)) for key, group in groupby(found, key=lambda mark: (mark.date, mark.session))]


def _limited(found: list[MarkOfRelease]) -> list[MarkOfRelease]:
    """Return the marks of one session that are stored: of more registers than one transaction stores, those alone that hold the last mark of a pupil.

    The others would be replaced at once, and stay in quarantine as they were sent.
    """
    if len(_registers(found)) <= REGISTERS_AT_ONCE:
        return found
    last = set({mark.pupil_id: mark.revision for mark in sorted(found, key=lambda mark: mark.id)}.values())
    return [mark for mark in found if mark.revision in last]


def _registers(found: Sequence[QuarantinedMark]) -> set[tuple[int, date, Half]]:
    return {(mark.revision, mark.date, mark.session) for mark in found}


async def _store_explained(tx: Transaction, urn: int, waiting: Sequence[QuarantinedMark], caller: str) -> dict[UUID, int]:
    waiting = [mark for mark in waiting if not mark.superseded]
    roll = await marks.roll(tx, urn, list({mark.upn for mark in waiting})) if waiting else {}
    released: Counter[UUID] = Counter()
    for (_, day, session), group in groupby(waiting, key=lambda mark: (mark.revision, mark.date, mark.session)):
        explained = [mark for mark in group if mark.upn in roll and roll[mark.upn].on_roll(day)]
        if explained and await _release(tx, urn, day, session, roll, explained, caller):
            released.update(roll[mark.upn].pupil_id for mark in explained)
    return released


async def _release(
    tx: Transaction, urn: int, day: date, session: Half, roll: Mapping[str, Enrolled], sent: Sequence[QuarantinedMark], caller: str
) -> bool:
    checked = check_marks(sent, session_codes(day, session), roll, today=clock.today())
    if not checked.accepted:
        return False
    register = await lock_register(tx, urn, day, session)
    reason = f"Received {sent[-1].received_at:%Y-%m-%d %H:%M} UTC, kept apart until the pupil's roll arrived."
    await marks.add_receipt(tx, register, Receipt(caller, "release", reason=reason))
    await store_accepted(tx, register, checked.accepted)
    await quarantine.mark_as_released(tx, [mark.id for mark in sent], register.revision)
    return True
