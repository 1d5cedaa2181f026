"""Random pupils: stays at three schools, of which some continue others, half-known calendars, absences in blocks, things that rest on them."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.facts import History, Mark, SchoolYear, SetAside, Spell, Succession, bits
from services.thresholds.domain.judgement import Judgement
from services.thresholds.domain.sessions import Session, Span
from tests.thresholds.reference import Slot, World, september

SCHOOLS = (100101, 100102, 100103)
FIRST = date(2026, 6, 15)
WEEKS = 26
DAYS = [FIRST + timedelta(days=n) for n in range(7 * WEEKS) if (FIRST + timedelta(days=n)).weekday() < 6]  # Saturdays too
SLOTS: list[Slot] = [(day, half) for day in DAYS for half in ("AM", "PM")]
LONG_AGO = date(2023, 9, 1)


def authority_of(urn: int) -> str:
    """Of three schools in a row the one in the middle belongs to an authority without a pack of its own."""
    return "935" if urn % 3 == SCHOOLS[1] % 3 else "881"


def worlds() -> st.SearchStrategy[World]:
    """Pupils whose threshold hangs by a few sessions more often than not."""
    return st.builds(a_world, st.randoms(use_true_random=False))


def a_world(chance: Random, schools: tuple[int, int, int] = SCHOOLS) -> World:
    """Return a pupil; the same chance gives the same one."""
    world = World(default_pack=chance.choice(["essex", "england"]))
    _enrol(chance, world, schools)
    for urn in schools:
        for year in (2025, 2026):
            if chance.random() < 0.5:
                world.calendars[urn, year] = _open(chance, year)
    _mark(chance, world, schools)
    if chance.randint(0, 2) == 0:
        _convert(chance, world, schools)
    for _ in range(chance.randint(0, 6)):
        world.others.add((chance.choice(schools), *chance.choice(SLOTS)))
    if chance.randint(0, 4) == 0:
        start = chance.randrange(len(SLOTS))
        world.spent = set(SLOTS[start : start + chance.randint(1, 20)])
    if chance.randint(0, 6) == 0:
        world.set_aside_to = chance.choice(DAYS)
    if chance.randint(0, 7) == 0:
        world.compulsory = (chance.choice(DAYS), date(2037, 6, 26))
    return world


def _enrol(chance: Random, world: World, schools: tuple[int, int, int]) -> None:
    """One school; a transfer, at once or after a gap; two schools at once; a return to the same school; or stays at random."""
    one, other = chance.sample(schools, 2)
    day = chance.choice(DAYS)
    later = day + timedelta(days=chance.choice([1, 1, 1, 4, 24, 60]))
    stays: list[tuple[int, date, date | None]]
    match chance.randrange(6):
        case 0:
            stays = [(one, LONG_AGO, None)]
        case 1:
            stays = [(one, LONG_AGO, day), (other, later, None)]
        case 2:
            stays = [(one, LONG_AGO, None), (other, day, chance.choice([None, later]))]
        case 3:
            stays = [(one, LONG_AGO, day), (one, later, None)]
        case _:
            stays = []
            for urn in chance.sample(schools, chance.randint(1, 3)):
                first = chance.choice(DAYS) if chance.randint(0, 3) == 0 else LONG_AGO
                last = chance.choice(DAYS) if chance.randint(0, 3) == 0 else None
                stays.append((urn, first, last if last is None or last >= first else None))
    world.rolls = [(urn, authority_of(urn), first, last) for urn, first, last in stays]


def _mark(chance: Random, world: World, schools: tuple[int, int, int]) -> None:
    """Absences come in blocks, mostly at the pupil's own schools."""
    own = [roll[0] for roll in world.rolls]
    for _ in range(chance.randint(2, 8)):
        urn = chance.choice(schools) if chance.randint(0, 5) == 0 else chance.choice(own)
        code, start = chance.choice("GGGGOOOUN/ID"), chance.randrange(len(SLOTS))
        for day, half in SLOTS[start : start + chance.randint(1, 14)]:
            world.marks[urn, day, half] = code


def _convert(chance: Random, world: World, schools: tuple[int, int, int]) -> None:
    """Schools continue others; more often than not the pupil goes over with one of them, on holiday."""
    first, second, third = chance.sample(schools, 3)
    since, later = chance.choice(DAYS), chance.choice(DAYS)
    world.successions = {(second, first, since)}
    if chance.randint(0, 2) == 0:
        world.successions.add((third, chance.choice([first, second]), later))
    if chance.randint(0, 3):
        left = since - timedelta(days=chance.choice([1, 1, 1, 3, 10]))
        world.rolls = [(first, authority_of(first), LONG_AGO, left), (second, authority_of(second), since, None)]
        if chance.randint(0, 3) == 0:
            later = max(since, later)
            world.rolls[1:] = [(second, authority_of(second), since, later), (third, authority_of(third), later, None)]
        start = SLOTS.index((since, "AM")) - chance.randint(0, 12)
        for day, half in SLOTS[max(start, 0) : max(start, 0) + chance.randint(9, 20)]:
            urn = first if day < since else third if day >= later and len(world.rolls) > 2 else second
            world.marks[urn, day, half] = "G"


def _open(chance: Random, year: int) -> set[Slot]:
    sessions = [slot for slot in SLOTS if september(slot[0]) == year and slot[0].weekday() < 5]
    for _ in range(chance.randint(0, 3)):
        start = chance.randint(0, max(len(sessions) - 1, 0))
        del sessions[start : start + chance.choice([1, 2, 10, 50])]
    return set(sessions)


def school_years(world: World) -> dict[tuple[int, int], SchoolYear]:
    """Return what the world knows of sessions held, as the rule wants it."""
    years = {
        (urn, year): SchoolYear(bits(Session(*slot) for slot in sessions), 0)  # type: ignore[arg-type]
        for (urn, year), sessions in world.calendars.items()
    }
    for urn, day, half in {*world.marks, *world.others}:
        before = years.get((urn, september(day)), SchoolYear())
        years[urn, september(day)] = SchoolYear(before.calendar, before.registers | bits([Session(day, half)]))  # type: ignore[arg-type]
    return years


def history_of(world: World) -> History:
    """Return the world as the rule wants it."""
    return History(
        tuple(Mark(Session(day, half), urn, code, 1) for (urn, day, half), code in world.marks.items()),  # type: ignore[arg-type]
        tuple(Spell(*roll) for roll in world.rolls),
        Span(*world.compulsory),
        school_years(world),
        frozenset(Session(*slot) for slot in world.spent),  # type: ignore[arg-type]
        SetAside(world.set_aside_to),
        tuple(Succession(*each) for each in sorted(world.successions)),
    )


def in_reference_terms(judgement: Judgement) -> dict[str, Any]:
    """Return a judgement, with what is set aside, in the words of the reference."""
    crossing = judgement.crossing
    return {
        "status": judgement.status,
        "count": judgement.count,
        "met_at": tuple(crossing.at.session) if crossing else None,
        "window": tuple(crossing.window) if crossing else None,
        "sessions": _brief(crossing.sessions) if crossing else [],
        "counting": _brief((*judgement.set_aside, *judgement.counting)),
        "holiday": judgement.holiday is not None,
    }


def _brief(sessions: Iterable[CountingSession]) -> list[tuple[Any, ...]]:
    return [(*each.session, each.urn, each.code) for each in sessions]
