"""Marks that await their reason, noted and cleared with the marks themselves."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, text

from services.registers.tables.unresolved import unresolved_marks
from shared.attendance.sessions import Half
from shared.database import Transaction

_ADD = text("""
    INSERT INTO unresolved_marks (urn, date, session, pupil_id, version)
    SELECT :urn, :date, :session, sent.pupil_id, sent.version
    FROM unnest(CAST(:pupils AS uuid[]), CAST(:versions AS integer[])) AS sent (pupil_id, version)
    ON CONFLICT DO NOTHING
""")


async def add(tx: Transaction, urn: int, day: date, half: Half, marks: Sequence[tuple[UUID, int]]) -> None:
    """Note marks (pupil, version) that await their reason."""
    pupils, versions = [pupil for pupil, _ in marks], [version for _, version in marks]
    await tx.execute(_ADD, {"urn": urn, "date": day, "session": half, "pupils": pupils, "versions": versions})


async def clear(tx: Transaction, urn: int, day: date, half: Half, pupils: Sequence[UUID]) -> None:
    """Forget marks whose reason has come, or that were entered as something else."""
    place = (unresolved_marks.c.urn == urn, unresolved_marks.c.date == day, unresolved_marks.c.session == half)
    await tx.execute(delete(unresolved_marks).where(*place, unresolved_marks.c.pupil_id.in_(pupils)))
