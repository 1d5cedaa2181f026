"""Events that change what is stored of other services."""

from collections.abc import Sequence

from services.penalties.projections import use_cases
from shared.attendance.successions import store_succession
from shared.contracts.registers import CalendarChanged, ParentChanged, RollChanged, SessionRecorded, SuccessionChanged
from shared.database import Transaction
from shared.messaging import EventHandlers

handlers = EventHandlers("penalties")


@handlers.on(RollChanged)
async def roll_changed(tx: Transaction, event: RollChanged) -> None:
    """Store a pupil's rolls: they decide which schools see the case."""
    await use_cases.store_roll(tx, event)


@handlers.on(ParentChanged)
async def parent_changed(tx: Transaction, event: ParentChanged) -> None:
    """Store a pupil's parents: those to whom a notice may be issued."""
    await use_cases.store_parents(tx, event)


@handlers.on(CalendarChanged)
async def calendar_changed(tx: Transaction, event: CalendarChanged) -> None:
    """Store a school's calendar: it decides which weeks are school weeks."""
    await use_cases.store_calendar(tx, event)


@handlers.on(SuccessionChanged)
async def succession_changed(tx: Transaction, event: SuccessionChanged) -> None:
    """Store which schools a school continues: their cases are its own."""
    await store_succession(tx, event)


@handlers.on_many(SessionRecorded, decode=use_cases.decode_amended)
async def session_recorded(tx: Transaction, events: Sequence[SessionRecorded]) -> None:
    """Store the marks of pupils with an open case that have changed."""
    await use_cases.store_marks(tx, events)
