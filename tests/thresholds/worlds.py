"""Random pupils: stays at three schools, half-known calendars, absences in blocks, things that rest on them."""

from datetime import date, timedelta

from hypothesis import strategies as st

from services.thresholds.domain.facts import History, Mark, SchoolYear, Spell, bits
from services.thresholds.domain.sessions import Session, Span
from tests.thresholds.reference import Slot, World, september

SCHOOLS = (100101, 100102, 100103)
AUTHORITIES = {100101: "881", 100102: "935", 100103: "881"}
FIRST = date(2026, 6, 15)
WEEKS = 26
DAYS = [FIRST + timedelta(days=n) for n in range(7 * WEEKS) if (FIRST + timedelta(days=n)).weekday() < 6]  # Saturdays too
SLOTS: list[Slot] = [(day, half) for day in DAYS for half in ("AM", "PM")]
POSITIONS = st.integers(0, len(SLOTS) - 1)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A pupil whose threshold hangs by a few sessions more often than not."""
    world = World(default_pack=draw(st.sampled_from(["essex", "england"])))
    for urn in draw(st.lists(st.sampled_from(SCHOOLS), min_size=1, max_size=3, unique=True)):
        first = draw(st.sampled_from(DAYS)) if draw(st.integers(0, 3)) == 0 else date(2023, 9, 1)
        last = draw(st.sampled_from(DAYS)) if draw(st.integers(0, 3)) == 0 else None
        world.rolls.append((urn, AUTHORITIES[urn], first, last if last is None or last >= first else None))
    for urn in SCHOOLS:
        for year in (2025, 2026):
            if draw(st.booleans()):
                world.calendars[urn, year] = _open(draw, year)
    _mark(draw, world)
    for _ in range(draw(st.integers(0, 6))):
        day, half = SLOTS[draw(POSITIONS)]
        world.others.add((draw(st.sampled_from(SCHOOLS)), day, half))
    if draw(st.integers(0, 4)) == 0:
        start = draw(POSITIONS)
        world.spent = set(SLOTS[start : start + draw(st.integers(1, 20))])
    if draw(st.integers(0, 6)) == 0:
        world.set_aside_to = draw(st.sampled_from(DAYS))
    if draw(st.integers(0, 7)) == 0:
        world.compulsory = (draw(st.sampled_from(DAYS)), date(2037, 6, 26))
    return world


def _mark(draw: st.DrawFn, world: World) -> None:
    """Absences come in blocks, mostly at the pupil's own schools."""
    own, codes = [roll[0] for roll in world.rolls], st.sampled_from("GGGGOOOUN/ID")
    for _ in range(draw(st.integers(2, 8))):
        urn = draw(st.sampled_from(SCHOOLS if draw(st.integers(0, 5)) == 0 else own))
        code, start, length = draw(codes), draw(POSITIONS), draw(st.integers(1, 14))
        for day, half in SLOTS[start : start + length]:
            world.marks[urn, day, half] = code


def _open(draw: st.DrawFn, year: int) -> set[Slot]:
    sessions = [slot for slot in SLOTS if september(slot[0]) == year and slot[0].weekday() < 5]
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, max(len(sessions) - 1, 0)))
        del sessions[start : start + draw(st.sampled_from([1, 2, 10, 50]))]
    return set(sessions)


def school_years(world: World) -> dict[tuple[int, int], SchoolYear]:
    """Return what the world knows of sessions held, as the rule wants it."""
    years = {
        (urn, year): SchoolYear(bits(Session(*slot) for slot in sessions), 0)  # type: ignore[arg-type]
        for (urn, year), sessions in world.calendars.items()
    }
    for urn, day, half in {*world.marks, *world.others}:
        known = years.get((urn, september(day)), SchoolYear())
        years[urn, september(day)] = SchoolYear(known.calendar, known.registers | bits([Session(day, half)]))  # type: ignore[arg-type]
    return years


def history_of(world: World) -> History:
    """Return the world as the rule wants it."""
    return History(
        tuple(Mark(Session(day, half), urn, code, 1) for (urn, day, half), code in world.marks.items()),  # type: ignore[arg-type]
        tuple(Spell(*roll) for roll in world.rolls),
        Span(*world.compulsory),
        school_years(world),
        frozenset(Session(*slot) for slot in world.spent),  # type: ignore[arg-type]
        world.set_aside_to,
    )
