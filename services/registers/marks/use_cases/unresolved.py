"""Marks that await their reason are noted with the register that brings them."""

from collections.abc import Sequence
from datetime import date

from services.registers.law import NATIONAL
from services.registers.marks.domain.unresolved import awaits_reason
from services.registers.marks.repository import unresolved
from shared.attendance.reasons import UNRESOLVED
from shared.attendance.sessions import Half
from shared.contracts.registers import RecordedMark
from shared.database import Transaction


async def follow_unresolved(tx: Transaction, urn: int, day: date, half: Half, marks: Sequence[RecordedMark]) -> None:
    """Note the marks that became N, and forget those that are N no longer. The school is held."""
    if entered := [(mark.pupil_id, mark.version) for mark in marks if awaits_reason(mark.code, day, NATIONAL)]:
        await unresolved.add(tx, urn, day, half, entered)
    if resolved := [mark.pupil_id for mark in marks if mark.previous_code == UNRESOLVED]:
        await unresolved.clear(tx, urn, day, half, resolved)
