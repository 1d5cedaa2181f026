"""A chunk of an import is stored: registers of one school, by the same rules and in the same tables as when the school sends them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from services.registers.imports.formats.entries import Fault
from services.registers.imports.repository import imported_marks, imports
from services.registers.imports.repository.imported_marks import ImportedMarkRow, SessionKey
from services.registers.imports.repository.imports import ImportRow, RefusalRow
from services.registers.imports.use_cases.sorting import SortedEntry
from services.registers.marks.domain.registers import Accepted, LockedRegister, SentMark, check_marks, session_codes
from services.registers.marks.repository import marks
from services.registers.marks.use_cases.publishing import MARKS_PER_EVENT, recorded_marks, session_recorded
from services.registers.marks.use_cases.unresolved import follow_unresolved
from services.registers.schools.repository import schools
from shared import clock
from shared.attendance.sessions import Half
from shared.contracts.registers import SessionRecorded
from shared.database import Transaction
from shared.messaging import publish_many

Chunk = Sequence[Sequence[SortedEntry]]
"""Registers of one school as the file names it, or lines with faults."""


class Overtaken(Exception):  # noqa: N818 -- no error: another worker does it
    """Another worker has brought this import further."""


@dataclass(frozen=True, slots=True)
class ImportedMark(SentMark):
    """A mark of a register, and the entry of the file that it comes from."""

    entry: SortedEntry


@dataclass(frozen=True, slots=True)
class Register:
    """One register of a chunk, under the first of the revisions reserved for it."""

    key: SessionKey
    revision: int
    sent: Sequence[ImportedMark]


async def store_chunk(tx: Transaction, job: ImportRow, position: int, chunk: Chunk) -> int:
    """Store the next entries of an import, registers of one school or faults, and its position with them; return the new one.

    Raise Overtaken where the import does not stand at this position any more.
    """
    if not await imports.lock_at(tx, job.id, position):
        raise Overtaken
    counts: Counter[str] = Counter()
    refused: list[RefusalRow] = []
    for school, registers in await _by_school(tx, job, chunk):
        if isinstance(school, Fault):
            refused += [_refusal(each, (each.entry.fault or school).sentence) for register in registers for each in register]
            counts["rejected"] += sum(map(len, registers))
        else:
            counted, lines = await _store(tx, job, school, registers)
            counts.update(counted)
            refused += lines
    length = sum(map(len, chunk))
    await imports.refuse(tx, job.id, refused)
    await imports.advance(tx, job.id, length, counts)
    return position + length


async def _by_school(tx: Transaction, job: ImportRow, chunk: Chunk) -> list[tuple[int | Fault, list[Sequence[SortedEntry]]]]:
    """Return the registers of each school that the chunk's lines name, in the order in which schools are locked, or why none is meant."""
    first = chunk[0][0].entry
    if first.fault:
        return [(first.fault, list(chunk))]
    if "/" not in first.school:
        return [(await _allowed(tx, job, int(first.school)), list(chunk))]
    la_code, establishment = first.school.split("/")
    urns = await imported_marks.schools_by_number(tx, la_code, establishment)
    follow = await schools.among(tx, urns) if len(urns) > 1 else []
    found: dict[int | Fault, list[Sequence[SortedEntry]]] = {}
    for register in chunk:
        # One number may have been several schools', one after the other (an academy keeps the number of the school that it continues).
        day = date.fromisoformat(register[0].entry.day)
        later = {row.urn for row in follow if row.since > day}
        ended = {row.predecessor for row in follow if row.since <= day}
        then = [urn for urn in urns if urn not in later | ended]
        school = then[0] if len(then) == 1 else Fault.SEVERAL_SCHOOLS if then else Fault.UNKNOWN_SCHOOL
        found.setdefault(school, []).append(register)
    return [(await _allowed(tx, job, school) if isinstance(school, int) else school, found[school]) for school in sorted(found, key=str)]


async def _allowed(tx: Transaction, job: ImportRow, urn: int) -> int | Fault:
    """Return the school, if there is one and this import may write its registers."""
    if job.schools is not None and urn not in job.schools:
        return Fault.OTHER_SCHOOL
    la_code = (await schools.la_codes(tx, [urn])).get(urn)
    if la_code is None:
        return Fault.UNKNOWN_SCHOOL
    return urn if job.la_code in {None, la_code} else Fault.OTHER_SCHOOL


async def _store(tx: Transaction, job: ImportRow, urn: int, chunk: Chunk) -> tuple[dict[str, int], list[RefusalRow]]:
    registers, la_code = await _lock(tx, urn, chunk)
    revisions = {register.key: register.revision for register in registers}
    roll = await marks.roll(tx, urn, list({mark.upn for register in registers for mark in register.sent}))
    today = clock.today()
    done = {each.key: check_marks(each.sent, session_codes(*each.key), roll, today=today) for each in registers}
    rejected = [(key, revisions[key], mark, reason) for key, checked in done.items() for mark, reason in checked.rejected]
    kept = await imported_marks.quarantine_marks(tx, urn, [(key, revision, mark, reason.value) for key, revision, mark, reason in rejected])
    accepted = {key: checked.accepted for key, checked in done.items()}
    for day in await imported_marks.missing_months(tx, [key[0] for key, own in accepted.items() if own]):
        await marks.make_partition(tx, day)
    changed = await imported_marks.store_marks(tx, urn, revisions, accepted)
    written = kept | {revisions[SessionKey(row.date, row.session)] for row in changed}
    receipts = {key: revision for key, revision in revisions.items() if revision in written}
    await imported_marks.add_receipts(tx, urn, receipts, job.caller, job.made_by, f"Import {job.id}")
    await _publish(tx, urn, la_code, revisions, accepted, changed)
    recorded = sum(row.version == 1 for row in changed)
    counts = {
        "recorded": recorded,
        "amended": len(changed) - recorded,
        "unchanged": sum(map(len, accepted.values())) - len(changed),
        "rejected": len(rejected),
    }
    # What is no mark, and a mark that a later line of the file replaced.
    counts["ignored"] = sum(len(register.sent) for register in registers) - sum(counts.values())
    return counts, [_refusal(mark.entry, reason.sentence, quarantined=True) for _, _, mark, reason in rejected]


async def _lock(tx: Transaction, urn: int, chunk: Chunk) -> tuple[list[Register], str]:
    """Lock the school and reserve the revisions of each register: one for each event that it may need."""
    needed = [1 + (len(register) - 1) // MARKS_PER_EVENT for register in chunk]
    school = await imported_marks.lock_school(tx, urn, sum(needed))
    revision = school.revision - sum(needed) + 1
    registers = []
    for register, revisions in zip(chunk, needed, strict=True):
        entry = register[0].entry
        key = SessionKey(date.fromisoformat(entry.day), cast("Half", entry.half))
        sent = [ImportedMark(each.entry.upn, each.entry.code, each.entry.minutes, each) for each in register]
        registers.append(Register(key, revision, sent))
        revision += revisions
    return registers, school.la_code


async def _publish(
    tx: Transaction,
    urn: int,
    la_code: str,
    revisions: Mapping[SessionKey, int],
    accepted: Mapping[SessionKey, Mapping[UUID, Accepted]],
    changed: Sequence[ImportedMarkRow],
) -> None:
    by_key: dict[SessionKey, list[ImportedMarkRow]] = {}
    for row in changed:
        by_key.setdefault(SessionKey(row.date, row.session), []).append(row)
    replaced = await imported_marks.replaced_codes(tx, urn, revisions, [row for row in changed if row.version > 1])
    events: list[SessionRecorded] = []
    for key in sorted(by_key):
        register = LockedRegister(urn, la_code, *key, revisions[key])
        recorded = recorded_marks(by_key[key], replaced.get(key, {}), accepted[key])
        await follow_unresolved(tx, register, recorded)
        events += session_recorded(register, recorded)
    await publish_many(tx, events)


def _refusal(each: SortedEntry, reason: str, *, quarantined: bool = False) -> RefusalRow:
    entry = each.entry
    return RefusalRow(each.number, entry.line, entry.school, entry.upn, entry.day, entry.half, entry.code, reason, quarantined)
