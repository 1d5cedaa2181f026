"""The threshold once more, by brute force: written from the prose of the rule, with sets of dates and no cleverness.

It shares no code with the product: plain dictionaries in, a plain dictionary out.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

START = date(2024, 8, 19)
COUNTING = {"essex": "GOU", "england": "GNOU"}
ATTENDING_ELSEWHERE = "D"

Slot = tuple[date, str]


@dataclass
class World:
    """A pupil, the schools, and what people did."""

    marks: dict[tuple[int, date, str], str] = field(default_factory=dict)  # (urn, date, half): code
    rolls: list[tuple[int, str, date, date | None]] = field(default_factory=list)  # urn, authority, first day, last day
    calendars: dict[tuple[int, int], set[Slot]] = field(default_factory=dict)  # (urn, September's year): open sessions
    others: set[tuple[int, date, str]] = field(default_factory=set)  # sessions in which other pupils have marks
    compulsory: tuple[date, date] = (date(2015, 1, 1), date(2035, 1, 1))
    spent: set[Slot] = field(default_factory=set)
    set_aside_to: date | None = None
    successions: set[tuple[int, int, date]] = field(default_factory=set)  # urn, the one before it, since
    packs: dict[str, str] = field(default_factory=lambda: {"881": "essex"})
    default_pack: str = "essex"


def september(day: date) -> int:
    return day.year - (day < date(day.year, 9, 1))


def held(world: World, urn: int) -> list[Slot]:
    """Every session the school held, in order."""
    found = set()
    for (school, _year), sessions in world.calendars.items():
        if school == urn:
            found |= sessions
    for school, day, half in {*world.marks, *world.others}:
        if school == urn and (urn, september(day)) not in world.calendars:
            found.add((day, half))
    return sorted(found)


def on_roll(world: World, urn: int, day: date) -> str | None:
    for school, authority, first, last in world.rolls:
        if school == urn and first <= day and (last is None or day <= last):
            return authority
    return None


def week(day: date) -> list[date]:
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=n) for n in range(7)]


def school_weeks(world: World) -> list[date]:
    """The Mondays of all of the pupil's school weeks."""
    found = set()
    for urn in {school for school, *_ in world.rolls}:
        for day, _half in held(world, urn):
            if any(on_roll(world, urn, other) for other in week(day)):
                found.add(week(day)[0])
    return sorted(found)


def counting_sessions(world: World) -> list[tuple[date, str, int, str]]:
    """(date, half, urn, code) of every session that counts, spent or not."""
    found = []
    for day, half in sorted({(day, half) for _, day, half in world.marks}):
        if day < START or not world.compulsory[0] <= day <= world.compulsory[1]:
            continue
        verdicts = {}
        for (urn, marked, at), code in world.marks.items():
            if (marked, at) != (day, half) or code == ATTENDING_ELSEWHERE:
                continue
            authority = on_roll(world, urn, day)
            calendar = world.calendars.get((urn, september(day)))
            if authority is None or (calendar is not None and (day, half) not in calendar):
                continue
            verdicts[urn] = (code in COUNTING[world.packs.get(authority, world.default_pack)], code)
        if verdicts and all(counts for counts, _ in verdicts.values()):
            urn = min(verdicts)
            found.append((day, half, urn, verdicts[urn][1]))
    return found


def judged(world: World) -> dict[str, Any]:
    """What the pupil's history comes to."""
    unspent = [each for each in counting_sessions(world) if each[:2] not in world.spent]
    live = [each for each in unspent if world.set_aside_to is None or each[0] > world.set_aside_to]
    weeks = school_weeks(world)
    for each in live:
        window = [monday for monday in weeks if monday <= each[0]][-10:]
        inside = [other for other in live if other[:2] <= each[:2] and week(other[0])[0] in window]
        if len(inside) >= 10:
            return {
                "status": "met",
                "count": len(inside),
                "met_at": each[:2],
                "window": (window[0], window[-1] + timedelta(days=6)),
                "sessions": inside,
                "counting": unspent,
                "holiday": holiday(world, live, window),
            }
    count = 0
    if live:
        window = [monday for monday in weeks if monday <= live[-1][0]][-10:]
        count = len([each for each in live if week(each[0])[0] in window])
    status = "approaching" if count >= 6 else "below"
    return {"status": status, "count": count, "met_at": None, "window": None, "sessions": [], "counting": unspent, "holiday": False}


def names(world: World, urn: int) -> list[dict[date, int]]:
    """Every reading of which URN a school had from which day on: its own at all times, or an earlier school's before it took over."""
    found = [{date.min: urn}]
    for successor, earlier, since in world.successions:
        if successor == urn:
            found += [{**{day: name for day, name in before.items() if day < since}, since: urn} for before in names(world, earlier)]
    return found


def holiday(world: World, live: list[tuple[date, str, int, str]], window: list[date]) -> bool:
    """Ten G on consecutive sessions of a school, whatever its URN was at the time, the first of them inside the window."""
    alive = {each[:2] for each in live}
    for named in [each for urn in {school for school, *_ in world.rolls} for each in names(world, urn)]:
        sessions = []
        for urn in set(named.values()):
            for day, half in held(world, urn):
                if named[max(since for since in named if since <= day)] == urn:
                    sessions.append((day, half, urn))
        sessions.sort()
        for position, (day, _half, _urn) in enumerate(sessions):
            if not window[0] <= day <= window[-1] + timedelta(days=6):
                continue
            ten = sessions[position : position + 10]
            valid = [
                on_roll(world, urn, day) and (day, half) in alive and world.marks.get((urn, day, half)) == "G" for day, half, urn in ten
            ]
            if len(ten) == 10 and all(valid):
                return True
    return False
