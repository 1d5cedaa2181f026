"""Marks of schools that were not known: stored, by the rules of registers, once the school is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.registers.imports.formats.entries import Entry, Person
from services.registers.imports.repository import imports, waiting
from services.registers.imports.repository.waiting import WaitingMarkRow
from services.registers.imports.use_cases.sorting import SortedEntry
from services.registers.imports.use_cases.storing import store_registers
from services.registers.schools.repository.schools import WAITING_FOR_A_SCHOOL
from shared.database import Database
from shared.due_work import DueWork

BATCH_SIZE = 2_000
"""Marks that one transaction stores."""


async def _store(database: Database, keys: Sequence[str], _due_by: datetime) -> int:
    """Store the next marks that waited for a school which is known by now; return how many.

    Whoever sent them must be allowed to write that school's registers; otherwise they are taken away, and the report names them.
    """
    stored = 0
    for key in keys:
        async with database.begin() as tx:
            rows = await waiting.take(tx, key, BATCH_SIZE)
            job = await imports.read(tx, UUID(key.partition(" ")[0])) if rows else None
            if job is not None:
                _, lines = await store_registers(tx, job, _registers(rows))
                await imports.replace_lines(tx, job.id, [row.number for row in rows], lines)
        stored += len(rows)
    return stored


store_waiting_marks = DueWork(WAITING_FOR_A_SCHOOL, waiting.due, _store)
"""The job."""


def _registers(rows: list[WaitingMarkRow]) -> list[list[SortedEntry]]:
    """Return marks, which come in the order of their registers, register by register."""
    registers: list[list[SortedEntry]] = []
    before: WaitingMarkRow | None = None
    for row in rows:
        person = Person(*row.person) if row.person else None
        entry = Entry(row.line, row.school, row.upn, row.date.isoformat(), row.session, row.code, row.minutes_late, person=person)
        if before is None or (before.date, before.session) != (row.date, row.session):
            registers.append([])
        registers[-1].append(SortedEntry(row.number, entry))
        before = row
    return registers
