"""Marks that await their reason are noted with the register that brings them."""

from collections.abc import Sequence

from services.registers.law import NATIONAL
from services.registers.marks.domain.registers import LockedRegister
from services.registers.marks.domain.unresolved import awaits_reason
from services.registers.marks.repository import unresolved
from shared.attendance.reasons import UNRESOLVED
from shared.contracts.registers import RecordedMark
from shared.database import Transaction


async def follow_unresolved(tx: Transaction, register: LockedRegister, marks: Sequence[RecordedMark]) -> None:
    """Note the marks that became N, and delete the notes of those that are N no longer."""
    if entered := [(mark.pupil_id, mark.version) for mark in marks if awaits_reason(mark.code, register.date, NATIONAL)]:
        await unresolved.add(tx, register, entered)
    if resolved := [mark.pupil_id for mark in marks if mark.previous_code == UNRESOLVED]:
        await unresolved.clear(tx, register, resolved)
