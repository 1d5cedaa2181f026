"""Marks that are published again, with the same versions: two rolls have an overlap, or leave or a person's word changed what they are worth."""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from uuid import UUID

from services.registers.marks.domain.granted_leave import LEAVE_CODES, MarkOfSession, PupilSession, covered_by_leave
from services.registers.marks.domain.registers import LockedRegister
from services.registers.marks.domain.rolls import Overlap
from services.registers.marks.repository import granted_leave, marks
from services.registers.marks.repository.marks import CurrentMarkRow
from services.registers.marks.use_cases.publishing import FIRST_DAY, session_recorded
from services.registers.schools.repository import schools
from shared.contracts.registers import RecordedMark, SessionRecorded, SessionRecordedV2
from shared.database import Transaction
from shared.messaging import publish_many


async def marks_against_leave(tx: Transaction, urn: int, current: Collection[MarkOfSession]) -> frozenset[PupilSession]:
    """Return the sessions of a school's marks, as they now stand, that contradict leave which the school granted."""
    weighed = [mark for mark in current if mark.code not in LEAVE_CODES]
    if not weighed:
        return frozenset()
    first, last = min(mark.at.date for mark in weighed), max(mark.at.date for mark in weighed)
    leave = await granted_leave.granted_leave(tx, urn, first, last)
    if not (pupils := {each.pupil_id for each in leave} & {mark.at.pupil_id for mark in weighed}):
        return frozenset()
    return covered_by_leave(weighed, leave, await granted_leave.confirmations(tx, urn, pupils, first, last))


async def publish_against_leave(tx: Transaction, urn: int, pupil_id: UUID, first: date, last: date) -> None:
    """Publish a pupil's marks of days of leave again, with the same versions: whether they contradict it has changed. The school is locked."""
    rows = await marks.current_marks(tx, pupil_id, urn, max(first, FIRST_DAY), last)
    rows = [row for row in rows if row.code not in LEAVE_CODES]
    if not rows:
        return
    enrolled = await marks.enrolled(tx, urn, pupil_id)
    await publish_many(tx, await _recorded_again(tx, urn, pupil_id, rows, lambda day: enrolled is not None and enrolled.dual(day)))


async def republish_marks(tx: Transaction, pupil_id: UUID, overlaps: Collection[Overlap]) -> None:
    """Publish a pupil's marks within these periods again, with the same versions: who weighs two schools' marks needs all of them.

    The schools are locked; other schools' marks are seen, whoever sent the roll.
    """
    events: list[SessionRecorded | SessionRecordedV2] = []
    for overlap in sorted(overlaps, key=lambda each: (each.spell.urn, each.start)):
        urn = overlap.spell.urn
        rows = await marks.current_marks(tx, pupil_id, urn, max(overlap.start, FIRST_DAY), overlap.end)
        if rows:
            events += await _recorded_again(tx, urn, pupil_id, rows, lambda _: True)
    await publish_many(tx, events)


async def _recorded_again(
    tx: Transaction, urn: int, pupil_id: UUID, rows: Sequence[CurrentMarkRow], dual: Callable[[date], bool]
) -> list[SessionRecorded | SessionRecordedV2]:
    """Return the events of a pupil's marks at a school as they stand, each of the school's next revision; `dual`: by day."""
    found = [MarkOfSession(PupilSession(row.date, row.session, pupil_id), row.code, row.version) for row in rows]
    against = await marks_against_leave(tx, urn, found)
    la_code = (await schools.la_codes(tx, [urn]))[urn]
    first = await schools.raise_revision(tx, urn, by=len(rows)) - len(rows) + 1
    events: list[SessionRecorded | SessionRecordedV2] = []
    for revision, (at, code, _), row in zip(range(first, first + len(rows)), found, rows, strict=True):
        mark = RecordedMark(pupil_id=pupil_id, code=code, version=row.published_version, dual=dual(at.date), covered_by_leave=at in against)
        events += session_recorded(LockedRegister(urn, la_code, at.date, at.session, revision), [mark])
    return events
