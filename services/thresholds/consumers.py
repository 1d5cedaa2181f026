"""Events that this service takes."""

from collections.abc import Sequence

from services.thresholds import use_cases
from shared.contracts.penalties import CaseClosed, NoticeIssued, NoticeWithdrawn
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.contracts.registers import CalendarChanged, RollChanged, SessionRecorded, SuccessionChanged
from shared.database import Transaction
from shared.messaging import EventHandlers

consumers = EventHandlers("thresholds")


@consumers.on_many(SessionRecorded, read=use_cases.read_told)
async def session_recorded(tx: Transaction, events: Sequence[use_cases.Told]) -> None:
    """Registers were stored: pupils with a mark that may count are judged."""
    await use_cases.record_sessions(tx, events)


@consumers.on_many(RollChanged)
async def roll_changed(tx: Transaction, events: Sequence[RollChanged]) -> None:
    """Pupils' rolls changed: their marks may count, or no longer."""
    await use_cases.change_rolls(tx, events)


@consumers.on(CalendarChanged)
async def calendar_changed(tx: Transaction, event: CalendarChanged) -> None:
    """A school's sessions changed: so may school weeks."""
    await use_cases.change_calendar(tx, event)


@consumers.on(SuccessionChanged)
async def succession_changed(tx: Transaction, event: SuccessionChanged) -> None:
    """A school continues another: its pupils of then are its own."""
    await use_cases.keep_succession(tx, event)


@consumers.on(NoticeIssued)
async def notice_issued(tx: Transaction, event: NoticeIssued) -> None:
    """A notice rests on sessions, and a penalty notice spends them."""
    await use_cases.issue_notice(tx, event)


@consumers.on(NoticeWithdrawn)
async def notice_withdrawn(tx: Transaction, event: NoticeWithdrawn) -> None:
    """A notice was withdrawn: its sessions may count again."""
    await use_cases.withdraw_notice(tx, event)


@consumers.on(CaseClosed)
async def case_closed(tx: Transaction, event: CaseClosed) -> None:
    """A case was closed: its run ends."""
    await use_cases.close_case(tx, event)


@consumers.on(ProsecutionFileOpened)
async def prosecution_file_opened(tx: Transaction, event: ProsecutionFileOpened) -> None:
    """A court file rests on sessions."""
    await use_cases.open_file(tx, event)


@consumers.on(ProsecutionCharged)
async def prosecution_charged(tx: Transaction, event: ProsecutionCharged) -> None:
    """A charge spends its sessions."""
    await use_cases.charge(tx, event)


@consumers.on(ProsecutionConcluded)
async def prosecution_concluded(tx: Transaction, event: ProsecutionConcluded) -> None:
    """The court decided."""
    await use_cases.conclude(tx, event)


@consumers.on(ProsecutionWithdrawn)
async def prosecution_withdrawn(tx: Transaction, event: ProsecutionWithdrawn) -> None:
    """A court file was given up."""
    await use_cases.withdraw_file(tx, event)
