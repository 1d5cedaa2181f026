"""The usual register: every mark valid, one for each pupil. Checked against the roll in memory and stored in two statements."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from services.registers.law import NATIONAL
from services.registers.marks.domain.registers import Book, Reason
from services.registers.marks.domain.unresolved import awaits_reason
from services.registers.marks.fast import repository
from services.registers.marks.fast.domain import RollCall, WholeRoll
from services.registers.marks.fast.repository import Columns, Receipt, Usual
from services.registers.marks.fast.use_cases import register_batches
from services.registers.marks.fast.use_cases.register_batches import event_of
from shared.attendance.reasons import UNRESOLVED
from shared.contracts.registers import SessionRecorded
from shared.database import Database, Transaction
from shared.messaging import to_message
from shared.messaging.messages import Message

AT_MOST = 1000
"""Marks of one event."""
PUPILS = 300_000
"""Pupils whose rolls are kept in memory, at about 300 bytes each."""


class Rolls:
    """Whole rolls in memory, the longest unused forgotten first. That one is out of date shows when it is used."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, WholeRoll] = OrderedDict()
        self._pupils = 0

    def known(self, urn: int) -> WholeRoll | None:
        """Return a school's roll if it is in memory."""
        known = self._known.get(urn)
        if known is not None:
            self._known.move_to_end(urn)
        return known

    async def of(self, tx: Transaction, urn: int) -> WholeRoll | None:
        """Return a school's roll, read if it is not known; None where there is no such school."""
        if known := self.known(urn):
            return known
        found = await repository.whole_roll(tx, urn)
        # What is kept serves every caller: a roll of which this one happened to see nothing must not.
        if found is not None and found.pupils:
            self.forget(urn)
            self._known[urn] = found
            self._pupils += len(found.pupils)
            while self._pupils > PUPILS and len(self._known) > 1:
                self.forget(next(iter(self._known)))
        return found

    def forget(self, urn: int) -> None:
        """Read a school's roll anew next time."""
        if gone := self._known.pop(urn, None):
            self._pupils -= len(gone.pupils)


ROLLS = Rolls()


@dataclass(frozen=True, slots=True)
class Taken:
    """A register that was taken in under a revision of its school, which is held. `said`: its marks are stored and said, all of them new."""

    la_code: str
    revision: int
    marks: Columns
    dual: frozenset[UUID]
    said: bool


async def take_whole_register(tx: Transaction, urn: int, book: Book, receipt: Receipt, sent: Sequence[Mapping[str, Any]]) -> Taken | None:
    """Take in a register with its receipt if it is a usual one, and store and say its marks if all are new.

    Where some were there before, they are still to be stored. None, and nothing done, where it is not a usual one.
    """
    if not 0 < len(sent) <= AT_MOST:
        return None
    codes = {mark["upn"]: mark["code"] for mark in sent}
    late = {mark["upn"]: minutes for mark in sent if (minutes := mark.get("minutes_late")) is not None}
    if len(codes) < len(sent):
        return None
    for _ in range(2):
        roll = await ROLLS.of(tx, urn)
        whole = roll and _whole(roll.call(book.day), book, codes, late)
        if not roll:
            return None
        if not whole:
            if await repository.roll_version_of(tx, urn) == roll.roll_version:
                return None
        elif held := await repository.hold(tx, urn, roll.roll_version, book.day):
            usual = Usual(urn, roll.roll_version, book.day, book.session, receipt, whole.marks)
            event = event_of(usual, *held, _stamped(urn, whole.said))
            new = await repository.store_new(tx, urn, held[1], book.day, book.session, receipt, whole.marks, event)
            return Taken(*held, whole.marks, roll.call(book.day).dual, new)
        ROLLS.forget(urn)
    return None


async def take_first_register(
    database: Database, urn: int, book: Book, receipt: Receipt, codes: Mapping[str, str], late: Mapping[str, int]
) -> int | None:
    """Store and say a usual register, its codes and minutes late by UPN, of a session of which there is none yet; return the number of its marks.

    None, and nothing done, where it is another one, or where anything is in its way.
    """
    roll = ROLLS.known(urn) if 0 < len(codes) <= AT_MOST else None
    whole = roll and _whole(roll.call(book.day), book, codes, late)
    if not roll or not whole:
        return None
    usual = Usual(urn, roll.roll_version, book.day, book.session, receipt, whole.marks)
    return len(codes) if await register_batches.of(database).take(database, usual, _stamped(urn, whole.said)) else None


class _Whole(NamedTuple):
    marks: Columns
    said: bytes
    """What is said of the marks if every one is new."""


def _whole(call: RollCall, book: Book, codes: Mapping[str, str], late: Mapping[str, int]) -> _Whole | None:
    """Return valid marks, each of another pupil on the roll, in order; None where any is not."""
    readings = {code: book.read(code) for code in set(codes.values())}
    plain = {code: reading for code, reading in readings.items() if reading is not None and not isinstance(reading, Reason)}
    upns, ids, starts = call.upns, call.ids, call.starts
    if len(codes) < len(upns):
        sent = [upn in codes for upn in upns]
        upns, ids, starts = tuple(compress(upns, sent)), tuple(compress(ids, sent)), tuple(compress(starts, sent))
    if len(plain) < len(readings) or len(upns) != len(codes) or (call.doubled and len(set(ids)) < len(ids)):
        return None
    try:
        read = [plain[codes[upn]] for upn in upns]
    except KeyError:
        return None
    awaited = UNRESOLVED in plain.values() and awaits_reason(UNRESOLVED, book.day, NATIONAL)
    unresolved = [pupil for pupil, code in zip(ids, read, strict=True) if code == UNRESOLVED] if awaited else []
    # As the contract writes it, without what is at its default: an object for each of a million marks a minute would cost more than all else.
    ends = {code: f"{orjson.dumps(code).decode()}}}" for code in plain.values()}
    said = ",".join([start + ends[code] for start, code in zip(starts, read, strict=True)]).encode()
    return _Whole(Columns(ids, read, [late.get(upn) for upn in upns] if late else [], unresolved), said)


def _stamped(urn: int, said: bytes) -> Message:
    """Return what is said of a register's marks with the roll_version of the request that brought it."""
    return to_message(SessionRecorded.topic, SessionRecorded.type(), str(urn), said)
