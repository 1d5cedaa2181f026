"""A chunk of an import is stored: registers of one school, by the same rules and in the same tables as when the school sends them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from services.registers.imports.formats.entries import Fault
from services.registers.imports.repository import imported_marks, imports, waiting
from services.registers.imports.repository.imported_marks import ImportedMarkRow, SessionKey
from services.registers.imports.repository.imports import ImportRow, ReportLine
from services.registers.imports.repository.waiting import WaitingMark
from services.registers.imports.use_cases.identifying import name_pupils
from services.registers.imports.use_cases.noting import notes_of
from services.registers.imports.use_cases.sorting import SortedEntry
from services.registers.marks.domain.granted_leave import MarkOfSession, PupilSession
from services.registers.marks.domain.registers import (
    EXPLAINED_BY_A_ROLL,
    Accepted,
    CheckedMarks,
    Enrolled,
    LockedRegister,
    SentMark,
    check_marks,
    session_codes,
)
from services.registers.marks.repository import marks
from services.registers.marks.use_cases.publishing import MARKS_PER_EVENT, recorded_marks, session_recorded
from services.registers.marks.use_cases.republishing import marks_against_leave
from services.registers.marks.use_cases.unresolved import follow_unresolved
from services.registers.schools.repository import schools
from shared import clock
from shared.attendance.sessions import Half
from shared.contracts.registers import SessionRecorded, SessionRecordedV2
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
    counts, lines = await store_registers(tx, job, chunk)
    length = sum(map(len, chunk))
    await imports.add_lines(tx, job.id, lines)
    await imports.advance(tx, job.id, length, counts)
    return position + length


async def store_registers(tx: Transaction, job: ImportRow, chunk: Chunk) -> tuple[Mapping[str, int], list[ReportLine]]:
    """Store registers of one school, or lines with faults; return what became of how many lines, and those for the report."""
    counts: Counter[str] = Counter()
    lines: list[ReportLine] = []
    for school, registers in await _by_school(tx, job, chunk):
        if school is Fault.UNKNOWN_SCHOOL:
            counted, more = await _keep(tx, job, registers)
        elif isinstance(school, Fault):
            more = [_line(each, (each.entry.fault or school).sentence) for register in registers for each in register]
            counted = {"rejected": len(more)}
        else:
            counted, more = await _store(tx, job, school, registers)
        counts.update(counted)
        lines += more
    return counts, lines


async def _keep(tx: Transaction, job: ImportRow, chunk: Chunk) -> tuple[dict[str, int], list[ReportLine]]:
    """Keep the marks of a school that is not known yet."""
    kept, ignored = [], 0
    for register in chunk:
        codes = session_codes(*_key(register[0]))
        for each in register:
            if codes.read(each.entry.code) is None:
                ignored += 1
            else:
                kept.append(each)
    await waiting.keep(tx, job.id, [_waiting(each) for each in kept])
    lines = [_line(each, f"{Fault.UNKNOWN_SCHOOL.sentence} The mark is kept apart until it is.", quarantined=True) for each in kept]
    return {"rejected": len(kept), "ignored": ignored}, lines


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
        none = Fault.NO_SCHOOL_THEN if urns else Fault.UNKNOWN_SCHOOL
        school = then[0] if len(then) == 1 else Fault.SEVERAL_SCHOOLS if then else none
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


async def _store(tx: Transaction, job: ImportRow, urn: int, chunk: Chunk) -> tuple[dict[str, int], list[ReportLine]]:
    sent = sum(map(len, chunk))
    named, nameless = await name_pupils(tx, urn, chunk)
    lines = [_line(each, fault.sentence) for each, fault in nameless]
    if not named:
        return {"rejected": len(lines)}, lines
    registers, la_code = await _lock(tx, urn, named)
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
        "rejected": len(rejected) + len(nameless),
    }
    # What is no mark, and a mark that a later line of the file replaced.
    counts["ignored"] = sent - sum(counts.values())
    notes = await notes_of(tx, urn, [(register.key, _accepted_lines(register, roll, done[register.key])) for register in registers])
    counts["noted"] = len(notes)
    lines += [_line(mark.entry, reason.sentence, quarantined=reason in EXPLAINED_BY_A_ROLL) for _, _, mark, reason in rejected]
    lines += [_line(each, sentence, stored=True) for each, sentence in notes]
    return counts, lines


def _accepted_lines(register: Register, roll: Mapping[str, Enrolled], checked: CheckedMarks[ImportedMark]) -> dict[UUID, SortedEntry]:
    """Return the line of each mark of a register that was accepted: of several for one pupil the last."""
    refused = {mark.entry.number for mark, _ in checked.rejected}
    lines = {roll[mark.upn].pupil_id: mark.entry for mark in register.sent if mark.upn in roll and mark.entry.number not in refused}
    return {pupil_id: lines[pupil_id] for pupil_id in checked.accepted}


async def _lock(tx: Transaction, urn: int, chunk: Chunk) -> tuple[list[Register], str]:
    """Lock the school and reserve the revisions of each register: one for each event that it may need."""
    needed = [1 + (len(register) - 1) // MARKS_PER_EVENT for register in chunk]
    school = await imported_marks.lock_school(tx, urn, sum(needed))
    revision = school.revision - sum(needed) + 1
    registers = []
    for register, revisions in zip(chunk, needed, strict=True):
        key = _key(register[0])
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
    stored = [MarkOfSession(PupilSession(row.date, row.session, row.pupil_id), row.code, row.version) for row in changed]
    against = await marks_against_leave(tx, urn, stored)
    events: list[SessionRecorded | SessionRecordedV2] = []
    for key in sorted(by_key):
        register = LockedRegister(urn, la_code, *key, revisions[key])
        against_leave = {at.pupil_id for at in against if (at.date, at.session) == key}
        recorded = recorded_marks(by_key[key], replaced.get(key, {}), accepted[key], against_leave)
        await follow_unresolved(tx, register, recorded)
        events += session_recorded(register, recorded)
    await publish_many(tx, events)


def _key(each: SortedEntry) -> SessionKey:
    return SessionKey(date.fromisoformat(each.entry.day), cast("Half", each.entry.half))


def _waiting(each: SortedEntry) -> WaitingMark:
    entry = each.entry
    person = list(entry.person) if entry.person else None
    return WaitingMark(each.number, entry.line, entry.school, entry.upn, person, *_key(each), entry.code, entry.minutes)


def _line(each: SortedEntry, reason: str, *, quarantined: bool = False, stored: bool = False) -> ReportLine:
    entry = each.entry
    upn = entry.upn or (entry.person.shown if entry.person else "")
    return ReportLine(each.number, entry.line, entry.school, upn, entry.day, entry.half, entry.code, reason, quarantined, stored)
