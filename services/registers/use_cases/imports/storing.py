"""A chunk of an import is stored: registers of one school, by the same rules and in the same tables as when the school sends them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row

from services.registers.domain.imports import Entry, Fault
from services.registers.domain.registers import Accepted, sort_out
from services.registers.repository import imported_marks, imports, marks, schools
from services.registers.repository.imported_marks import Place
from services.registers.use_cases.imports.sorting import Sorted
from services.registers.use_cases.registers import MARKS_PER_EVENT, Writing, book_of, changes
from shared import clock
from shared.contracts.registers import SessionRecorded
from shared.database import Transaction
from shared.messaging import emit_many
from shared.register_codes import Half


class Overtaken(Exception):  # noqa: N818 -- no trouble: another worker does it
    """Another worker has brought this import further."""


@dataclass(frozen=True, slots=True)
class Register:
    """One register of a chunk, under the first of the revisions reserved for it."""

    place: Place
    revision: int
    sent: Sequence[Mapping[str, Any]]


async def store_chunk(tx: Transaction, job: Row[Any], position: int, chunk: Sequence[Sequence[Sorted]]) -> int:
    """Store the next entries of an import, registers of one school or faults, and its position with them; return the new one.

    Raise Overtaken where the import does not stand at this position any more.
    """
    if not await imports.hold(tx, job.id, position):
        raise Overtaken
    entries = [each for register in chunk for each in register]
    first = entries[0].entry
    urn = None if first.fault else await _urn(tx, job, first)
    if isinstance(urn, int):
        counts, refused = await _store(tx, job, urn, chunk)
    else:
        refused = [_refusal(each, (each.entry.fault or urn or Fault.SHAPE).sentence) for each in entries]
        counts = {"rejected": len(refused)}
    await imports.refuse(tx, job.id, refused)
    await imports.advance(tx, job.id, len(entries), counts)
    return position + len(entries)


async def _urn(tx: Transaction, job: Row[Any], entry: Entry) -> int | Fault:
    """Return the school that an entry names, if this import may write its registers."""
    if "/" in entry.school:
        la_code, establishment = entry.school.split("/")
        known = await imported_marks.schools_by_number(tx, [(la_code, establishment)])
        if len(known) > 1:
            return Fault.SEVERAL_SCHOOLS
        urn = known[0].urn if known else None
    else:
        urn = int(entry.school)
    if urn is not None and job.schools is not None and urn not in job.schools:
        return Fault.OTHER_SCHOOL
    found = (await schools.la_codes(tx, [urn])).get(urn) if urn is not None else None
    if urn is None or found is None:
        return Fault.UNKNOWN_SCHOOL
    return urn if job.la_code in {None, found} else Fault.OTHER_SCHOOL


async def _store(
    tx: Transaction, job: Row[Any], urn: int, chunk: Sequence[Sequence[Sorted]]
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    registers, la_code = await _open(tx, urn, chunk)
    revisions = {register.place: register.revision for register in registers}
    roll = await marks.roll(tx, urn, list({mark["upn"] for register in registers for mark in register.sent}))
    today = clock.today()
    done = {each.place: sort_out(each.sent, book_of(*each.place), roll, today=today) for each in registers}
    rejected = [(place, revisions[place], mark, reason) for place, sorted_ in done.items() for mark, reason in sorted_.rejected]
    kept = await imported_marks.keep_apart(tx, urn, [(place, revision, mark, reason.value) for place, revision, mark, reason in rejected])
    accepted = {place: sorted_.accepted for place, sorted_ in done.items()}
    for day in await imported_marks.missing_months(tx, [place[0] for place, own in accepted.items() if own]):
        await marks.make_partition(tx, day)
    changed = await imported_marks.store_marks(tx, urn, revisions, accepted)
    written = kept | {revisions[row["date"], row["session"]] for row in changed}
    receipts = {place: revision for place, revision in revisions.items() if revision in written}
    await imported_marks.add_receipts(tx, urn, receipts, job.caller, job.made_by, f"Import {job.id}")
    await _say(tx, urn, la_code, revisions, accepted, changed)
    recorded = sum(row["version"] == 1 for row in changed)
    counts = {
        "recorded": recorded,
        "amended": len(changed) - recorded,
        "unchanged": sum(map(len, accepted.values())) - len(changed),
        "rejected": len(rejected),
    }
    # What is no mark, and a mark that a later line of the file replaced.
    counts["ignored"] = sum(len(register.sent) for register in registers) - sum(counts.values())
    return counts, [_refusal(mark["from"], reason.sentence, kept_apart=True) for _, _, mark, reason in rejected]


async def _open(tx: Transaction, urn: int, chunk: Sequence[Sequence[Sorted]]) -> tuple[list[Register], str]:
    """Hold the school and reserve the revisions of each register: one for each event that it may need."""
    needed = [1 + (len(register) - 1) // MARKS_PER_EVENT for register in chunk]
    row = await imported_marks.open_school(tx, urn, sum(needed))
    assert row is not None  # noqa: S101 -- it was there, and schools are never deleted
    revision = row.revision - sum(needed) + 1
    registers = []
    for register, revisions in zip(chunk, needed, strict=True):
        entry = register[0].entry
        place = date.fromisoformat(entry.day), cast("Half", entry.half)
        sent = [{"upn": each.entry.upn, "code": each.entry.code, "minutes_late": each.entry.minutes, "from": each} for each in register]
        registers.append(Register(place, revision, sent))
        revision += revisions
    return registers, row.la_code


async def _say(
    tx: Transaction,
    urn: int,
    la_code: str,
    revisions: Mapping[Place, int],
    accepted: Mapping[Place, Mapping[UUID, Accepted]],
    changed: Sequence[Mapping[str, Any]],
) -> None:
    by_place: dict[Place, list[Mapping[str, Any]]] = {}
    for row in changed:
        by_place.setdefault((row["date"], row["session"]), []).append(row)
    replaced = await imported_marks.replaced_codes(tx, urn, revisions, [row for row in changed if row["version"] > 1])
    events: list[SessionRecorded] = []
    for place in sorted(by_place):
        writing = Writing(urn, la_code, *place, revisions[place], has_partition=True)
        events += await changes(tx, writing, by_place[place], replaced.get(place, {}), accepted[place])
    await emit_many(tx, events)


def _refusal(each: Sorted, reason: str, *, kept_apart: bool = False) -> dict[str, Any]:
    entry = each.entry
    return {
        "number": each.number,
        "line": entry.line,
        "school": entry.school,
        "upn": entry.upn,
        "date": entry.day,
        "session": entry.half,
        "code": entry.code,
        "reason": reason,
        "kept_apart": kept_apart,
    }
