"""Marks that await their reason, noted and cleared with the marks themselves."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, text

from services.registers.marks.domain.registers import LockedRegister
from services.registers.tables.unresolved import unresolved_marks
from shared.database import Transaction

_ADD = text("""
    INSERT INTO unresolved_marks (urn, date, session, pupil_id, version)
    SELECT :urn, :date, :session, sent.pupil_id, sent.version
    FROM unnest(CAST(:pupils AS uuid[]), CAST(:versions AS integer[])) AS sent (pupil_id, version)
    ON CONFLICT DO NOTHING
""")


async def add(tx: Transaction, register: LockedRegister, marks: Sequence[tuple[UUID, int]]) -> None:
    """Note marks (pupil, version) of a register that await their reason."""
    pupils, versions = [pupil for pupil, _ in marks], [version for _, version in marks]
    where = {"urn": register.urn, "date": register.date, "session": register.session}
    await tx.execute(_ADD, {**where, "pupils": pupils, "versions": versions})


async def clear(tx: Transaction, register: LockedRegister, pupils: Sequence[UUID]) -> None:
    """Delete the notes of marks whose reason has come, or that were entered as something else."""
    columns = unresolved_marks.c
    where = columns.urn == register.urn, columns.date == register.date, columns.session == register.session
    await tx.execute(delete(unresolved_marks).where(*where, columns.pupil_id.in_(pupils)))
