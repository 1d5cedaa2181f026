"""A world as events: with amendments, older rolls and calendars, and other pupils in between."""

from datetime import date, timedelta
from random import Random
from uuid import UUID

from services.thresholds.domain.sessions import Session
from shared.attendance.sessions import Half
from shared.contracts.event import Event
from shared.contracts.penalties import CaseClosed, NoticeIssued
from shared.contracts.registers import (
    CalendarChanged,
    OpenDay,
    Predecessor,
    RecordedMark,
    RollChanged,
    RollSpell,
    SessionRecorded,
    SuccessionChanged,
)
from shared.ids import new_id
from tests.thresholds.events import issued, withdrawn
from tests.thresholds.reference import Slot, World, on_roll
from tests.thresholds.worlds import authority_of

CODES = "GOUNI/M"


def events_of(world: World, pupil: UUID, chance: Random) -> list[Event]:
    """Return events that together make the world; any order of them, and any of them twice, makes the same world."""
    return [
        *_registers(world, pupil, chance),
        *_rolls(world, pupil, chance),
        *_calendars(world, chance),
        *_successions(world, chance),
        *_notices(world, pupil, chance),
    ]


def shuffled(events: list[Event], chance: Random, sizes: tuple[int, ...] = (1, 3, 10, 40)) -> list[list[Event]]:
    """Return the events in any order, some twice, cut into batches."""
    order = [*events, *chance.sample(events, len(events) // 5)]
    chance.shuffle(order)
    batches, start = [], 0
    while start < len(order):
        size = chance.choice(sizes)
        batches.append(order[start : start + size])
        start += size
    return batches


def _registers(world: World, pupil: UUID, chance: Random) -> list[Event]:
    """One event per register, and one more for each amendment on the way to a mark as it now stands."""
    events: list[Event] = []
    for (urn, day, half), code in world.marks.items():
        codes = [code]
        while chance.random() < 0.2:
            codes.insert(0, chance.choice([each for each in CODES if each != codes[0]]))
        before = None
        dual = any(other != urn and on_roll(world, other, day) for other, *_ in world.rolls)
        for version, each in enumerate(codes, start=1):
            mark = RecordedMark(pupil_id=pupil, code=each, previous_code=before, version=version, dual=dual)
            events.append(_register(urn, day, half, mark))
            before = each
        if dual and chance.random() < 0.3:  # the other roll came later: the mark was published first without it, and then again
            events.append(_register(urn, day, half, mark.model_copy(update={"dual": False})))
    for urn, day, half in world.others:
        events.append(_register(urn, day, half, RecordedMark(pupil_id=new_id(), code="/", version=1)))
    return events


def _register(urn: int, day: date, half: str, mark: RecordedMark) -> SessionRecorded:
    session: Half = "AM" if half == "AM" else "PM"
    return SessionRecorded(school=urn, la_code=authority_of(urn), date=day, session=session, revision=1, marks=(mark,))


def _rolls(world: World, pupil: UUID, chance: Random) -> list[Event]:
    spells = tuple(RollSpell(urn=urn, la_code=la, admitted_on=first, left_on=last) for urn, la, first, last in world.rolls)
    first, last = world.compulsory
    upn = f"{chance.randrange(10**12):012d}"
    now = RollChanged(pupil_id=pupil, upn=upn, compulsory_from=first, compulsory_to=last, rolls=spells, revision=3)
    older = chance.sample(spells, chance.randint(0, len(spells)))
    events: list[Event] = [now, now.model_copy(update={"revision": 2, "rolls": tuple(older)})]
    return events[: chance.randint(1, 2)]


def _calendars(world: World, chance: Random) -> list[Event]:
    events: list[Event] = []
    for (urn, year), sessions in world.calendars.items():
        events.append(_calendar(urn, year, sessions, 2))
        if chance.random() < 0.5:
            events.append(_calendar(urn, year, set(chance.sample(sorted(sessions), len(sessions) // 2)), 1))
    return events


def _calendar(urn: int, year: int, sessions: set[Slot], revision: int) -> CalendarChanged:
    days = sorted({day for day, _ in sessions})
    halves: tuple[Half, Half] = ("AM", "PM")
    open_ = tuple(OpenDay(date=day, sessions=tuple(half for half in halves if (day, half) in sessions)) for day in days)
    return CalendarChanged(school=urn, la_code=authority_of(urn), year=f"{year}-{(year + 1) % 100:02d}", open=open_, revision=revision)


def _successions(world: World, chance: Random) -> list[Event]:
    events: list[Event] = []
    for urn in sorted({successor for successor, *_ in world.successions}):
        predecessors = tuple(
            Predecessor(urn=earlier, since=since) for successor, earlier, since in sorted(world.successions) if successor == urn
        )
        events.append(SuccessionChanged(school=urn, predecessors=predecessors, revision=2))
        mistaken = tuple(each.model_copy(update={"since": each.since + timedelta(days=chance.randint(-9, 9))}) for each in predecessors)
        events.append(SuccessionChanged(school=urn, predecessors=chance.choice([(), mistaken]), revision=1))
    return events


def _notices(world: World, pupil: UUID, chance: Random) -> list[Event]:
    """A penalty notice behind what is spent, one that was withdrawn and gives back, a Notice to Improve, and closed cases."""
    marked = [Session(day, "AM" if half == "AM" else "PM") for _, day, half in world.marks]
    events: list[Event] = []
    if world.spent:
        events.append(_for(pupil, issued(Session(day, "AM" if half == "AM" else "PM") for day, half in sorted(world.spent))))
    mistaken = _for(pupil, issued(chance.sample(marked, min(3, len(marked)))))
    events += [mistaken, withdrawn(mistaken, restores=True), _for(pupil, issued(marked[:3], "notice-to-improve"))]
    if world.set_aside_to:
        for to in (world.set_aside_to, world.set_aside_to - timedelta(days=40)):
            events.append(CaseClosed(case_id=new_id(), run_id=new_id(), pupil_id=pupil, outcome="no-action", closed_on=to, set_aside_to=to))
    return events


def _for(pupil: UUID, notice: NoticeIssued) -> NoticeIssued:
    return notice.model_copy(update={"pupil_id": pupil})
