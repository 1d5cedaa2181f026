"""A pupil's attendance week by week: every session of a period, each with what it was."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.console.clients import Services
from services.console.responses.attendance import Calendar, Mark, Marks
from services.console.responses.schools import Pupil
from services.console.responses.values import Session
from shared import clock
from shared.attendance.dates import school_year
from shared.attendance.register_codes import codes_on
from shared.attendance.sessions import Half

HALVES: tuple[Half, ...] = ("AM", "PM")
Slot = tuple[date, Half]

KINDS: Mapping[str, str] = {
    "relied": "Absent without leave: counted when the threshold was met",
    "counting": "Absent without leave: counts as well",
    "unauthorised": "Absent without leave, or why is not known: does not count",
    "authorised": "Absent with leave",
    "attending": "Attended",
    "not-possible": "Neither possible nor missed",
    "none": "No mark stored",
    "off-roll": "Not on a roll",
    "closed": "No session held",
    "future": "Not yet",
}
"""What a session may have been, in the order of the key beside the table, in the words of people."""

SIGNS = {"none": "?", "off-roll": "\N{MIDDLE DOT}", "closed": "\N{MULTIPLICATION SIGN}"}
"""What stands in the table for a session without a code."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A session: what kind it was, what stands in the table, and the same in words."""

    kind: str
    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class Week:
    """A week from its Monday: its sessions in order, and why it has none where the school held none."""

    monday: date
    cells: tuple[Cell, ...]
    without_school: str | None


@dataclass(frozen=True, slots=True)
class Attendance:
    """Every week of a period; `days`: how many of a week are shown, `kinds`: those that occur, with their words."""

    weeks: tuple[Week, ...]
    days: tuple[str, ...]
    kinds: tuple[tuple[str, str, str], ...]
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Records:
    """What registers holds of a period of weeks: a pupil's marks, and the calendars of a school's years."""

    start: date
    end: date
    marks: Sequence[Mark]
    calendars: Mapping[str, Calendar]


async def load_records(services: Services, upn: str | None, urn: int, start: date, end: date) -> Records | None:
    """Return what registers holds from the week of `start` to that of `end`; None where it does not show it to this person."""
    if upn is None:
        return None
    first, last = start - timedelta(days=start.weekday()), end + timedelta(days=6 - end.weekday())
    years = sorted({school_year(first), school_year(last)})
    period = {"from": first.isoformat(), "to": last.isoformat()}
    marks, calendars = await asyncio.gather(
        services.optional(services.get("registers", f"/v1/pupils/{upn}/marks", Marks, **period)),
        asyncio.gather(*(services.optional(services.get("registers", f"/v1/schools/{urn}/calendars/{year}", Calendar)) for year in years)),
    )
    shown = {year: each for year, each in zip(years, calendars, strict=True) if each}
    return Records(first, last, marks.items, shown) if marks else None


def read_attendance(records: Records, pupil: Pupil | None, relied: Iterable[Session], counting: Iterable[Session]) -> Attendance:
    """Return every session of the weeks recorded; Saturday and Sunday only where one of them has a mark."""
    at_threshold = {(each.date, each.session): each.code or "" for each in relied}
    others = {(each.date, each.session) for each in counting}
    marks: dict[Slot, list[Mark]] = {}
    for mark in records.marks:
        marks.setdefault((mark.date, mark.session), []).append(mark)
    days = 1 + max([4, *(day.weekday() for day, _ in (*marks, *at_threshold))])
    weeks = []
    for number in range(0, (records.end - records.start).days + 1, 7):
        monday = records.start + timedelta(days=number)
        slots = [(monday + timedelta(days=day), half) for day in range(days) for half in HALVES]
        without = {slot: _kind_without_mark(slot, records, pupil) for slot in slots}
        cells = tuple(_cell(slot, marks.get(slot, ()), at_threshold, others, without[slot]) for slot in slots)
        weeks.append(Week(monday, cells, _without_school(monday, cells, records.calendars)))
    shown = {cell.kind: cell.sign for week in weeks if not week.without_school for cell in week.cells}
    kinds = tuple((kind, shown[kind], words) for kind, words in KINDS.items() if kind in shown)
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return Attendance(tuple(weeks), names[:days], kinds, records.start, records.end)


def _cell(slot: Slot, marks: Collection[Mark], relied: Mapping[Slot, str], counting: Collection[Slot], without: str) -> Cell:
    if not (codes := [mark for mark in marks if mark.code not in {None, "-", "#", "Z"}]):
        kind = "relied" if slot in relied else without
        return Cell(
            kind, relied.get(slot) or SIGNS.get(kind, ""), KINDS[kind] if kind != "relied" else _changed(relied[slot], "has no mark")
        )
    # The mark of a session of which two schools have one: that which counts, otherwise the first.
    unauthorised = [mark for mark in codes if _category(mark) == "unauthorised"]
    mark = (unauthorised or codes)[0]
    code = mark.code or ""
    kind = "relied" if slot in relied else "counting" if slot in counting else _category(mark)
    words = f"{_meaning(mark)}. {KINDS[kind]}"
    if slot in relied and relied[slot] != code:
        words = _changed(relied[slot], f"is {_meaning(mark)}")
    if mark.flagged:
        words += ". The mark is stored and does not count"
    for other in codes:
        if other is not mark and other.code != mark.code:
            words += f". School {other.urn} has {_meaning(other)}"
    return Cell(kind, code, words)


def _changed(code: str, now: str) -> str:
    return f"{code} when the threshold was met; the session {now} today"


def _kind_without_mark(slot: Slot, records: Records, pupil: Pupil | None) -> str:
    """Return what a session without a mark is: not held, not yet, outside every stay on a roll, or only without a mark."""
    day, half = slot
    calendar = records.calendars.get(school_year(day))
    if day.weekday() > 4 or (calendar and not _holds(calendar, day, half)):
        return "closed"
    if day > clock.today():
        return "future"
    stays = pupil.schools if pupil else []
    return "off-roll" if stays and not any(each.covers(day) for each in stays) else "none"


def _holds(calendar: Calendar, day: date, half: Half) -> bool:
    in_term = any(term.start <= day <= term.end for term in calendar.terms)
    return in_term and not any(closure.date == day and half in closure.sessions for closure in calendar.closures)


def _without_school(monday: date, cells: Sequence[Cell], calendars: Mapping[str, Calendar]) -> str | None:
    """Return why a week has no session: it is between terms, or each of its days is one of closure."""
    if any(cell.kind != "closed" for cell in cells):
        return None
    week = [monday + timedelta(days=day) for day in range(5)]
    terms = [term for calendar in calendars.values() for term in calendar.terms]
    between = not any(term.start <= day <= term.end for term in terms for day in week)
    return "No school: between terms" if between else "No school: the school was closed"


def _category(mark: Mark) -> str:
    code = codes_on(mark.date).get(mark.code or "")
    return code.category if code else "none"


def _meaning(mark: Mark) -> str:
    code = codes_on(mark.date).get(mark.code or "")
    return f"{mark.code}: {code.meaning}" if code else mark.code or ""
