"""The fast path of a register: every mark valid, one for each pupil, and none of its session stored before."""

from collections.abc import Mapping
from itertools import compress
from weakref import WeakKeyDictionary

from services.registers.law import NATIONAL
from services.registers.marks.domain.registers import Receipt, SessionCodes
from services.registers.marks.domain.school_rolls import RollOnDay, SchoolRoll
from services.registers.marks.fast.domain import CheckedRegister, MarkColumns, check_columns
from services.registers.marks.fast.use_cases import register_batches
from services.registers.marks.fast.use_cases.register_batches import Outcome
from services.registers.marks.use_cases import publishing
from services.registers.marks.use_cases.publishing import MARKS_PER_EVENT
from services.registers.marks.use_cases.registers import RegisterOutcome
from services.registers.marks.use_cases.roll_cache import ROLLS
from shared import clock
from shared.database import Database
from shared.messaging.messages import Message

_JSON_HEADS: WeakKeyDictionary[RollOnDay, tuple[str, ...]] = WeakKeyDictionary()
"""What is published of everyone on a roll up to the code: made once, because it is published twice a day."""
_JSON_PUPILS: WeakKeyDictionary[RollOnDay, bytes] = WeakKeyDictionary()
"""The same in the compact form."""


async def store_new_register(
    database: Database, urn: int, session: SessionCodes, codes: Mapping[str, str], minutes_late: Mapping[str, int], receipt: Receipt
) -> RegisterOutcome | None:
    """Store the first register of a session, its codes and minutes by UPN, together with others that wait; publish its marks.

    None, with nothing done, where a mark is not valid, where there is a register of the session already, or where anything else is in its
    way: the full path decides (`store_register`).
    """
    batcher = register_batches.batcher_of(database)
    if not 0 < len(codes) <= MARKS_PER_EVENT or session.day > clock.today() or batcher.full:
        return None

    async def store(roll: SchoolRoll | None) -> Outcome:
        roll_on_day = roll and roll.on(session.day)
        marks = roll_on_day and check_columns(roll_on_day, session, codes, minutes_late, NATIONAL)
        if not roll or not roll_on_day or not marks:
            return Outcome.OUTDATED
        return await batcher.submit(
            database, CheckedRegister(urn, roll.version, session, receipt, marks), _message(urn, roll_on_day, marks)
        )

    cached = ROLLS.cached(urn)
    outcome = await store(cached)
    if outcome is Outcome.OUTDATED and (current := await ROLLS.load(database, urn)) is not cached:
        outcome = await store(current)
    return RegisterOutcome(recorded=len(codes)) if outcome is Outcome.STORED else None


def _message(urn: int, roll: RollOnDay, marks: MarkColumns) -> Message:
    if publishing.may_be_compact() and roll.dual.isdisjoint(marks.pupils):
        pupils = publishing.json_of_pupils(marks.pupils) if marks.marked else _json_pupils(roll)
        return publishing.compact_message(urn, pupils, marks.codes)
    heads = _json_heads(roll)
    return publishing.message_of_new_marks(urn, compress(heads, marks.marked) if marks.marked else heads, marks.codes)


def _json_pupils(roll: RollOnDay) -> bytes:
    pupils = _JSON_PUPILS.get(roll)
    if pupils is None:
        pupils = _JSON_PUPILS[roll] = publishing.json_of_pupils(roll.pupils)
    return pupils


def _json_heads(roll: RollOnDay) -> tuple[str, ...]:
    heads = _JSON_HEADS.get(roll)
    if heads is None:
        heads = _JSON_HEADS[roll] = publishing.json_heads(roll.pupils, roll.dual)
    return heads
