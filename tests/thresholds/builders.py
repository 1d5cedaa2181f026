"""Facts in few words, for the tests of the threshold."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from services.thresholds.domain.facts import History, Mark, Policies, SchoolYear, SchoolYears, SetAside, Spell, bits
from services.thresholds.domain.sessions import Session, Span
from shared.attendance.dates import school_year_start
from shared.attendance.law import load_statutes
from shared.attendance.sessions import Half

STATUTES = load_statutes(Path(__file__).parents[2] / "services/thresholds/law")
A, B, C = 100101, 100102, 100103
ESSEX, ELSEWHERE = "881", "935"
ALWAYS = Span(date(2019, 1, 1), date(2032, 6, 25))
HALVES: tuple[Half, Half] = ("AM", "PM")

TERMS_A = [
    ("2026-04-13", "2026-05-22"),
    ("2026-06-01", "2026-07-21"),
    ("2026-09-02", "2026-10-23"),
    ("2026-11-02", "2026-12-18"),
    ("2027-01-05", "2027-02-12"),
    ("2027-02-22", "2027-03-25"),
    ("2027-04-12", "2027-05-28"),
    ("2027-06-07", "2027-07-21"),
]
CLOSED_A = {date.fromisoformat(day) for day in ("2026-05-04", "2026-09-02", "2026-11-02", "2027-05-03", "2027-06-07")}


def policies(default: str = "essex") -> Policies:
    """Return the packs, with a default for authorities without one of their own."""
    return partial(STATUTES.for_authority, default=default)


def days(first: str, last: str) -> list[date]:
    """Return the weekdays from `first` to `last`."""
    begin = date.fromisoformat(first)
    return [day for n in range((date.fromisoformat(last) - begin).days + 1) if (day := begin + timedelta(days=n)).weekday() < 5]


def full_days(first: str, last: str | None = None) -> list[Session]:
    """Return both sessions of every weekday from `first` to `last`."""
    return [Session(day, half) for day in days(first, last or first) for half in HALVES]


def session(day: str, half: Half) -> Session:
    """Return one session."""
    return Session(date.fromisoformat(day), half)


def open_sessions(terms: Iterable[tuple[str, str]] = TERMS_A, closed: Iterable[date] = CLOSED_A) -> list[Session]:
    """Return the sessions of a calendar: by default calendar A of the handbook."""
    return [each for first, last in terms for each in full_days(first, last) if each.date not in set(closed)]


def marks(code: str, sessions: Iterable[Session], urn: int = A, version: int = 1) -> list[Mark]:
    """Return marks of one code."""
    return [Mark(each, urn, code, version) for each in sessions]


def years_of(calendars: Mapping[int, Iterable[Session]], registers: Iterable[Mark | tuple[int, Session]] = ()) -> SchoolYears:
    """Return the sessions held, from calendars (all of their school years) and from registers."""
    found: dict[tuple[int, int], SchoolYear] = {}
    for urn, sessions in calendars.items():
        by_year: dict[int, list[Session]] = {}
        for each in sessions:
            by_year.setdefault(school_year_start(each.date), []).append(each)
        for year, own in by_year.items():
            found[urn, year] = SchoolYear(bits(own), 0)
    for entry in registers:
        urn, each = (entry.urn, entry.session) if isinstance(entry, Mark) else entry
        key = urn, school_year_start(each.date)
        school_year = found.get(key, SchoolYear())
        found[key] = SchoolYear(school_year.calendar, school_year.registers | bits([each]))
    return found


def history(
    entries: Iterable[Mark],
    *,
    spells: Iterable[Spell] = (Spell(A, ESSEX, date(2025, 9, 1)),),
    calendars: Mapping[int, Iterable[Session]] | None = None,
    compulsory: Span = ALWAYS,
    spent: Iterable[Session] = (),
    set_aside_to: date | None = None,
) -> History:
    """Return a pupil's history: by default at school A with calendar A."""
    entries = tuple(entries)
    years = years_of({A: open_sessions()} if calendars is None else calendars, entries)
    return History(entries, tuple(spells), compulsory, years, frozenset(spent), SetAside(set_aside_to))
