"""Events that this service consumes."""

from collections.abc import Sequence

from services.thresholds.use_cases import register_events, registers, reliances, rolls, schools
from shared.contracts.penalties import CaseClosed, NoticeIssued, NoticeWithdrawn
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.contracts.registers import CalendarChanged, RollChanged, SessionRecorded, SuccessionChanged
from shared.database import Transaction
from shared.messaging import EventHandlers

consumers = EventHandlers("thresholds")


@consumers.on_many(SessionRecorded, decode=register_events.decode)
async def session_recorded(tx: Transaction, events: Sequence[register_events.RegisterMarks]) -> None:
    """Registers were stored: pupils with a mark that may count are judged."""
    await registers.record_sessions(tx, events)


@consumers.on_many(RollChanged)
async def roll_changed(tx: Transaction, events: Sequence[RollChanged]) -> None:
    """Pupils' rolls changed: their marks may count, or no longer."""
    await rolls.change_rolls(tx, events)


@consumers.on(CalendarChanged)
async def calendar_changed(tx: Transaction, event: CalendarChanged) -> None:
    """A school's sessions changed: so may school weeks."""
    await schools.change_calendar(tx, event)


@consumers.on(SuccessionChanged)
async def succession_changed(tx: Transaction, event: SuccessionChanged) -> None:
    """A school continues another: its pupils of then are its own."""
    await schools.change_succession(tx, event)


@consumers.on(NoticeIssued)
async def notice_issued(tx: Transaction, event: NoticeIssued) -> None:
    """A notice relies on sessions, and a penalty notice spends them."""
    await reliances.issue_notice(tx, event)


@consumers.on(NoticeWithdrawn)
async def notice_withdrawn(tx: Transaction, event: NoticeWithdrawn) -> None:
    """A notice was withdrawn: its sessions may count again."""
    await reliances.withdraw_notice(tx, event)


@consumers.on(CaseClosed)
async def case_closed(tx: Transaction, event: CaseClosed) -> None:
    """A case was closed: its run ends."""
    await reliances.close_case(tx, event)


@consumers.on(ProsecutionFileOpened)
async def prosecution_file_opened(tx: Transaction, event: ProsecutionFileOpened) -> None:
    """A court file relies on sessions."""
    await reliances.open_file(tx, event)


@consumers.on(ProsecutionCharged)
async def prosecution_charged(tx: Transaction, event: ProsecutionCharged) -> None:
    """A charge spends its sessions."""
    await reliances.charge(tx, event)


@consumers.on(ProsecutionConcluded)
async def prosecution_concluded(tx: Transaction, event: ProsecutionConcluded) -> None:
    """The court decided."""
    await reliances.conclude(tx, event)


@consumers.on(ProsecutionWithdrawn)
async def prosecution_withdrawn(tx: Transaction, event: ProsecutionWithdrawn) -> None:
    """A court file was given up."""
    await reliances.withdraw_file(tx, event)
