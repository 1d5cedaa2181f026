"""The ways in by events."""

from collections.abc import Sequence

from services.penalties.use_cases import cases, courts, holds, projections, service
from shared.contracts.notifications import LetterReturned, NoticeServed
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.contracts.registers import CalendarChanged, ParentChanged, RollChanged, SessionRecorded, SuccessionChanged
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdMet, ThresholdWithdrawn
from shared.database import Transaction
from shared.messaging import EventHandlers

consumers = EventHandlers("penalties")


@consumers.on(RollChanged)
async def roll_changed(tx: Transaction, event: RollChanged) -> None:
    """Whose pupil it is: which schools see the case."""
    await projections.keep_roll(tx, event)


@consumers.on(ParentChanged)
async def parent_changed(tx: Transaction, event: ParentChanged) -> None:
    """Who may be issued a notice."""
    await projections.keep_parents(tx, event)


@consumers.on(CalendarChanged)
async def calendar_changed(tx: Transaction, event: CalendarChanged) -> None:
    """Which weeks are school weeks."""
    await projections.keep_calendar(tx, event)


@consumers.on(SuccessionChanged)
async def succession_changed(tx: Transaction, event: SuccessionChanged) -> None:
    """Which school continues which: the cases of then are its own."""
    await projections.keep_succession(tx, event)


@consumers.on_many(SessionRecorded, read=projections.read_amended)
async def session_recorded(tx: Transaction, events: Sequence[SessionRecorded]) -> None:
    """Which marks of pupils with an open case have changed."""
    await projections.keep_marks(tx, events)


@consumers.on(ThresholdMet)
async def threshold_met(tx: Transaction, event: ThresholdMet) -> None:
    """The duty to consider."""
    await cases.meet_threshold(tx, event)


@consumers.on(ThresholdWithdrawn)
async def threshold_withdrawn(tx: Transaction, event: ThresholdWithdrawn) -> None:
    """Amendments took the count below the threshold."""
    await cases.withdraw_threshold(tx, event)


@consumers.on(ReliedOnMarkChanged)
async def relied_on_mark_changed(tx: Transaction, event: ReliedOnMarkChanged) -> None:
    """What rests on the mark stops."""
    await holds.hold_for_changed_mark(tx, event)


@consumers.on(NoticeServed)
async def notice_served(tx: Transaction, event: NoticeServed) -> None:
    """The clocks start."""
    await service.note_service(tx, event)


@consumers.on(LetterReturned)
async def letter_returned(tx: Transaction, event: LetterReturned) -> None:
    """The clocks stop."""
    await holds.hold_for_returned_letter(tx, event)


@consumers.on(ProsecutionFileOpened)
async def prosecution_file_opened(tx: Transaction, event: ProsecutionFileOpened) -> None:
    """The case waits for the court."""
    await courts.open_court_file(tx, event)


@consumers.on(ProsecutionCharged)
async def prosecution_charged(tx: Transaction, event: ProsecutionCharged) -> None:
    """Sessions are spent against the parent."""
    await courts.charge(tx, event)


@consumers.on(ProsecutionConcluded)
async def prosecution_concluded(tx: Transaction, event: ProsecutionConcluded) -> None:
    """The court decided."""
    await courts.conclude(tx, event)


@consumers.on(ProsecutionWithdrawn)
async def prosecution_withdrawn(tx: Transaction, event: ProsecutionWithdrawn) -> None:
    """The authority gave a file up."""
    await courts.give_up(tx, event)
