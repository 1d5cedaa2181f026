"""A register comes in, a mark is amended, quarantined marks are taken in: the marks and what is said about them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any
from uuid import UUID

from services.registers.fields import Person
from services.registers.marks.domain.registers import EXPLAINED_BY_A_ROLL, Accepted, Book, Enrolled, Reason, sort_out
from services.registers.marks.domain.rolls import Shared
from services.registers.marks.fast.repository import Receipt
from services.registers.marks.fast.use_cases.fast_registers import Taken, take_first_register, take_whole_register
from services.registers.marks.repository import marks
from services.registers.marks.schemas.registers import AmendmentIn, MarkOut, PlainRegister, RegisterIn, RegisterOut, Rejected
from services.registers.marks.use_cases.history import read_history
from services.registers.marks.use_cases.unresolved import follow_unresolved
from services.registers.schools.repository import schools
from services.registers.schools.use_cases.schools import SchoolNotFound
from shared import clock
from shared.attendance.register_codes import all_codes, codes_on
from shared.attendance.sessions import Half
from shared.contracts.registers import RecordedMark, SessionRecorded
from shared.database import Database, Transaction
from shared.messaging import publish_many
from shared.problems import Invalid, NotFound

MARKS_PER_EVENT = 1000
FIRST_DAY = date(2006, 9, 1)
"""No code table is older (`shared/attendance/register_codes.toml`), so no mark is."""


class MarkNotFound(NotFound):
    """There is no such mark."""


class CodeInvalid(Invalid):
    """The code cannot be entered for this session."""


@dataclass(frozen=True, slots=True)
class Writing:
    """A school's register of one session, held for writing under one revision."""

    urn: int
    la_code: str
    date: date
    session: Half
    revision: int
    has_partition: bool


async def put_usual(database: Database, urn: int, day: date, half: Half, body: PlainRegister, caller: str) -> int | None:
    """Store a usual register of a session of which there is none yet, with others that wait; return the number of its marks.

    None, and nothing done, where it is another one (`put_register`).
    """
    if day > clock.today():
        return None
    return await take_first_register(database, urn, book_of(day, half), _receipt(day, body.head, caller), body.codes, body.minutes_late)


async def put_register(tx: Transaction, urn: int, day: date, half: Half, body: RegisterIn, caller: str) -> RegisterOut:
    """Store a register or a part of it: marks that are accepted, quarantine for those that are not; say what changed."""
    book, receipt = book_of(day, half), _receipt(day, body, caller)
    if day <= clock.today() and (whole := await take_whole_register(tx, urn, book, receipt, body.marks)):
        return await _answer(tx, urn, book, whole)
    _refuse_unstorable(body.marks)
    writing = await _open(tx, urn, day, half)
    roll = await marks.roll(tx, urn, [mark["upn"] for mark in body.marks])
    done = sort_out(body.marks, book, roll, today=clock.today())
    await marks.add_receipt(
        tx,
        urn,
        writing.revision,
        day,
        half,
        "register",
        receipt.caller,
        by=(receipt.by_name, receipt.by_title) if receipt.by_name else None,
        opened_at=receipt.opened_at,
        closed_at=receipt.closed_at,
    )
    if done.rejected:
        await marks.keep_apart(tx, urn, day, half, writing.revision, done.rejected)
    changed = await _store(tx, writing, done.accepted)
    recorded = sum(row["version"] == 1 for row in changed)
    return RegisterOut(
        recorded=recorded,
        amended=len(changed) - recorded,
        unchanged=len(done.accepted) - len(changed),
        ignored=done.ignored,
        rejected=[Rejected(upn=mark["upn"], code=mark["code"], reason=reason.sentence) for mark, reason in done.rejected],
    )


async def _answer(tx: Transaction, urn: int, book: Book, whole: Taken) -> RegisterOut:
    """Store and say what is still to be stored of a register that was taken in whole, and answer."""
    columns, sent = whole.marks, len(whole.marks.pupils)
    if whole.said:
        return RegisterOut(recorded=sent)
    accepted = {
        pupil: Accepted(code, late, pupil in whole.dual)
        for pupil, code, late in zip(columns.pupils, columns.codes, columns.minutes_late or [None] * sent, strict=True)
    }
    changed = await _store(tx, Writing(urn, whole.la_code, book.day, book.session, whole.revision, has_partition=True), accepted)
    recorded = sum(row["version"] == 1 for row in changed)
    return RegisterOut(recorded=recorded, amended=len(changed) - recorded, unchanged=sent - len(changed))


async def amend_mark(tx: Transaction, urn: int, day: date, half: Half, upn: str, body: AmendmentIn, caller: str) -> MarkOut:
    """Give a mark another code, for a reason, by a named person (SI 2024/208 reg. 6); the original stays."""
    code = book_of(day, half).read(body.code)
    if code is None or isinstance(code, Reason):
        raise CodeInvalid(code.sentence if code else "That stands for no mark; a mark is amended, never taken away.")
    writing = await _open(tx, urn, day, half)
    pupil = (await marks.roll(tx, urn, [upn])).get(upn)
    before = await marks.current_marks(tx, pupil.pupil_id, urn, day, day) if pupil else []
    mark = next((each for each in before if each.session == half), None)
    if pupil is None or mark is None:
        raise MarkNotFound
    if mark.code != code:
        by = (body.amended_by.name, body.amended_by.title)
        await marks.add_receipt(tx, urn, writing.revision, day, half, "amendment", caller, by=by, reason=body.reason)
        await _store(tx, writing, {pupil.pupil_id: Accepted(code, None, pupil.dual(day))})
    items = await read_history(tx, pupil.pupil_id, day, day, [urn])
    return next(item for item in items if item.session == half)


async def release_marks(tx: Transaction, urn: int, pupil_ids: Sequence[UUID], caller: str) -> dict[UUID, int]:
    """Take in the quarantined marks that pupils' rolls now explain, in the order of their arrival; return how many of each pupil's.

    The school is held. Of several valid marks that came with one register the last counts, as it would have then.
    """
    rows = await marks.waiting(tx, urn, pupil_ids, EXPLAINED_BY_A_ROLL)
    roll = await marks.roll(tx, urn, list({row.upn for row in rows})) if rows else {}
    released: Counter[UUID] = Counter()
    for (_, day, half), group in groupby(rows, key=lambda row: (row.revision, row.date, row.session)):
        explained = [row for row in group if row.upn in roll and roll[row.upn].on_roll(day)]
        if explained and await _release(tx, urn, day, half, roll, explained, caller):
            released.update(roll[row.upn].pupil_id for row in explained)
    return released


async def say_again(tx: Transaction, pupil_id: UUID, stretches: Collection[Shared]) -> None:
    """Say a pupil's marks within these stretches again, same versions: whoever weighs two schools' marks needs all of them.

    The schools are held; other schools' marks are seen, whoever sent the roll.
    """
    if not stretches:
        return
    events: list[SessionRecorded] = []
    today = clock.today()
    for stretch in sorted(stretches, key=lambda each: (each.spell.urn, each.start)):
        urn = stretch.spell.urn
        rows = await marks.current_marks(tx, pupil_id, urn, max(stretch.start, FIRST_DAY), min(stretch.end, today))
        if not rows:
            continue
        la_code = (await schools.la_codes(tx, [urn]))[urn]
        first = await schools.raise_revision(tx, urn, by=len(rows)) - len(rows) + 1
        events += [
            SessionRecorded(
                school=urn,
                la_code=la_code,
                date=row.date,
                session=row.session,
                revision=first + number,
                marks=(RecordedMark(pupil_id=pupil_id, code=row.code, version=row.version, dual=True),),
            )
            for number, row in enumerate(rows)
        ]
    await publish_many(tx, events)


async def _open(tx: Transaction, urn: int, day: date, half: Half) -> Writing:
    row = await marks.open_register(tx, urn, day)
    if row is None:
        raise SchoolNotFound
    return Writing(urn, row.la_code, day, half, row.revision, row.has_partition)


async def _store(tx: Transaction, writing: Writing, accepted: Mapping[UUID, Accepted]) -> Sequence[Mapping[str, Any]]:
    """Store marks and say those whose code changed; return those that changed in anything."""
    if not accepted:
        return []
    urn, day, half, revision = writing.urn, writing.date, writing.session, writing.revision
    if not writing.has_partition:
        await marks.make_partition(tx, day)
    changed = await marks.store_marks(tx, urn, day, half, revision, accepted)
    amended = [row["pupil_id"] for row in changed if row["version"] > 1]
    replaced = await marks.replaced_codes(tx, urn, day, half, revision, amended) if amended else {}
    events = await changes(tx, writing, changed, replaced, accepted)
    if len(events) > 1:
        await schools.raise_revision(tx, urn, by=len(events) - 1)
    await publish_many(tx, events)
    return changed


async def changes(
    tx: Transaction,
    writing: Writing,
    changed: Iterable[Mapping[str, Any]],
    replaced: Mapping[UUID, str],
    accepted: Mapping[UUID, Accepted],
) -> list[SessionRecorded]:
    """Return what is to be said about stored marks that changed, noting those that now await their reason.

    The first event has the revision of the writing; each further one, for a thousand marks more, the next.
    """
    said = [
        RecordedMark(
            pupil_id=row["pupil_id"],
            code=row["code"],
            previous_code=replaced.get(row["pupil_id"]),
            version=row["version"],
            dual=accepted[row["pupil_id"]].dual,
        )
        for row in changed
        # Other minutes alone are a new version of the evidence, and nothing that another service weighs.
        if row["code"] != replaced.get(row["pupil_id"])
    ]
    urn, day, half = writing.urn, writing.date, writing.session
    await follow_unresolved(tx, urn, day, half, said)
    return [
        SessionRecorded(
            school=urn,
            la_code=writing.la_code,
            date=day,
            session=half,
            revision=writing.revision + start // MARKS_PER_EVENT,
            marks=tuple(said[start : start + MARKS_PER_EVENT]),
        )
        for start in range(0, len(said), MARKS_PER_EVENT)
    ]


async def _release(
    tx: Transaction, urn: int, day: date, half: Half, roll: Mapping[str, Enrolled], group: Sequence[Any], caller: str
) -> bool:
    sent = [{"upn": row.upn, "code": row.code, "minutes_late": row.minutes_late} for row in group]
    done = sort_out(sent, book_of(day, half), roll, today=clock.today())
    if not done.accepted:
        return False
    writing = await _open(tx, urn, day, half)
    reason = f"Received {group[-1].received_at:%Y-%m-%d %H:%M} UTC, kept apart until the pupil's roll arrived."
    await marks.add_receipt(tx, urn, writing.revision, day, half, "release", caller, reason=reason)
    await _store(tx, writing, done.accepted)
    await marks.release(tx, [row.id for row in group], writing.revision)
    return True


def book_of(day: date, half: Half) -> Book:
    """Return the codes that a session's register may hold."""
    return Book(day, half, codes_on(day), all_codes())


def _receipt(day: date, body: RegisterIn, caller: str) -> Receipt:
    name, title = _by(body.taken_by) or (None, None)
    return Receipt(caller, name, title, _instant(day, body.opened_at), _instant(day, body.closed_at))


def _by(taken_by: str | Person | None) -> tuple[str, str | None] | None:
    if isinstance(taken_by, Person):
        return taken_by.name, taken_by.title
    return (taken_by, None) if taken_by else None


def _instant(day: date, moment: datetime | time | None) -> datetime | None:
    """Return an instant; what has no date or zone of its own is London time on the day of the register."""
    if moment is None:
        return None
    if isinstance(moment, time):
        moment = datetime.combine(day, moment)
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.LONDON)


def _refuse_unstorable(sent: Iterable[Mapping[str, Any]]) -> None:
    if "\x00" in "".join(part for mark in sent for part in (mark["upn"], mark["code"])):
        raise Invalid("A mark holds a character that is no text.")
