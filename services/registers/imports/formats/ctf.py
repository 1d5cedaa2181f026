"""Common Transfer Files (XML): how a pupil's attendance at a previous school arrives.

Inside each `Pupil` stands an attendance block for each year and school: `Year`, `LEA`, `Estab`, `SchoolName`, counts of sessions,
`AttendanceStartDate` and `AttendanceMarks`, the marks in order, morning and afternoon of every day from the start date on. From CTF 24
they are separated by commas, since codes may have two characters; before that each character was a mark.
Some systems write marks for all seven days of a week (none at weekends), some for the five from Monday to Friday; which, the school's
calendar shows, and where there is none the marks.
"""

import xml.sax
from collections.abc import Callable, Generator, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import date, timedelta
from typing import IO, Any, Literal

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from services.registers.imports.formats.dates import ReadDate, read_day
from services.registers.imports.formats.entries import (
    CalendarNeeded,
    Entry,
    Fault,
    OpenDays,
    Options,
    Person,
    Unreadable,
    laestab,
    make_entry,
)
from services.registers.imports.formats.mapping import Mapping
from shared.attendance.dates import school_year
from shared.attendance.sessions import Half

_PIECE = 64 * 1024
_DEPTH = 40
_TEXT = 32 * 1024
_LONGEST = 2 * 2 * 366
"""Marks in one block: two years of days, two sessions each."""
_OF_PUPIL = frozenset({"UPN", "Surname", "Forename", "DOB"})
_FIELDS = frozenset({"LEA", "Estab", "AttendanceStartDate", "AttendanceMarks"}) | _OF_PUPIL
NO_MARK = frozenset({"", "-", "#", "Z"})
CLOSED = "#"
_UNCLEAR, _BEYOND = "?", "!"
"""In place of 5 or 7 among the readings: it is not clear, or neither fits the calendar."""


@dataclass(frozen=True, slots=True)
class Block:
    """The marks of one pupil at one school in order, from a day on; `written`: the day as the file has it."""

    line: int
    school: str
    upn: str
    person: Person
    start: ReadDate
    written: str
    codes: Sequence[str]

    def entries(self, week_days: Literal[5, 7]) -> Generator[Entry, None, None]:
        """Yield the marks with their sessions."""
        either = self.written if self.start.either else ""
        for day, half, code in lay_out(date.fromisoformat(self.start.day), self.codes, week_days):
            yield make_entry(self.line, self.school, self.upn, day.isoformat(), half, code, either=either, person=self.person)

    def refused(self, fault: Fault) -> Entry:
        """Return one entry for all of the marks, which cannot be read."""
        return make_entry(self.line, self.school, self.upn, self.written, "", "", None, fault, person=self.person)


def read(file: IO[bytes], mapping: Mapping, options: Options) -> Generator[Entry | CalendarNeeded, None, None]:
    """Yield the entries of a CTF, pupil by pupil. Raises Unreadable for a document type, an entity, too long a text, or what is no XML."""
    file.seek(0)
    parser: Any = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    handler = _Pupils(parser.getLineNumber, options)
    parser.setContentHandler(handler)
    try:
        while piece := file.read(_PIECE):
            parser.feed(piece)
            yield from _entries(handler.take(), mapping, options)
        parser.close()
        yield from _entries(handler.take(), mapping, options)
    except DefusedXmlException as error:
        raise Unreadable("The file declares a document type or entities; such XML is not read.") from error
    except (xml.sax.SAXException, ValueError, LookupError) as error:
        raise Unreadable("The file is not XML to its end, or not well-formed.") from error
    if not handler.pupils:
        raise Unreadable("The file holds no pupil of a Common Transfer File.")


def _entries(taken: Sequence[Entry | Block], mapping: Mapping, options: Options) -> Generator[Entry | CalendarNeeded, None, None]:
    for each in taken:
        if isinstance(each, Entry):
            yield each
            continue
        reading = str(mapping.week_days or "")
        if not reading and options.readings is not None:
            reading = options.readings[len(options.found)]
        if not reading:
            reading = yield from _reading(each, options)
        options.found.append(reading)
        if reading in {_UNCLEAR, _BEYOND}:
            yield each.refused(Fault.WEEKENDS if reading == _UNCLEAR else Fault.CLOSED_DAYS)
        else:
            yield from each.entries(5 if reading == "5" else 7)


def _reading(block: Block, options: Options) -> Generator[CalendarNeeded, None, str]:
    """Return how a block is read: by its school's calendars, or by its marks, where they leave it open."""
    start = date.fromisoformat(block.start.day)
    with_weekends, without = (lay_out(start, block.codes, week_days) for week_days in (7, 5))
    if [each for each in with_weekends if each[2] not in NO_MARK] == [each for each in without if each[2] not in NO_MARK]:
        return "7"
    shown = week_days_shown(start, block.codes)
    calendars: dict[str, OpenDays] = {}
    if options.calendars is not None:
        for year in sorted({school_year(day) for day, _, _ in (*with_weekends, *without)}):
            asked = CalendarNeeded(block.school, year)
            if asked not in options.calendars:
                yield asked
            if (days := options.calendars.get(asked)) is not None:
                calendars[year] = days
    if not calendars:
        return str(shown or _UNCLEAR)
    fitting = [reading for reading, laid in (("7", with_weekends), ("5", without)) if fits(laid, calendars)]
    if len(fitting) == 2:
        # Where both fit, closures that are written as such decide, or the marks themselves.
        fitting = [each for each, laid in (("7", with_weekends), ("5", without)) if closures_fit(laid, calendars)]
        return fitting[0] if len(fitting) == 1 else str(shown or _UNCLEAR)
    return fitting[0] if fitting else _BEYOND


def fits(laid: Sequence[tuple[date, Half, str]], calendars: Table[str, OpenDays]) -> bool:
    """Return whether every mark is on a session that the school held by its calendars, or on a weekday of a year without one."""
    return all(_is_open(day, half, calendars) for day, half, code in laid if code not in NO_MARK)


def closures_fit(laid: Sequence[tuple[date, Half, str]], calendars: Table[str, OpenDays]) -> bool:
    """Return whether no session that is written as closed was held by the school's calendars."""
    return not any(school_year(day) in calendars and _is_open(day, half, calendars) for day, half, code in laid if code == CLOSED)


def _is_open(day: date, half: Half, calendars: Table[str, OpenDays]) -> bool:
    days = calendars.get(school_year(day))
    return day.weekday() < 5 if days is None else half in days.get(day, ())


class _Pupils(xml.sax.ContentHandler):
    """Collects attendance blocks; keeps one pupil at a time."""

    def __init__(self, line_number: Callable[[], int], options: Options) -> None:
        super().__init__()
        self._line_number = line_number
        self.pupils = 0
        self._default = options.school
        self._entries: list[Entry | Block] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._pupil: dict[str, str] = {}
        self._block: dict[str, str] = {}
        self._spans: list[dict[str, str]] = []
        self._parent = 0
        self._line = 0

    def take(self) -> list[Entry | Block]:
        taken, self._entries = self._entries, []
        return taken

    def startElement(self, name: str, attrs: object) -> None:  # noqa: ARG002, N802 -- SAX's name
        self._path.append(name.rpartition(":")[2])
        if len(self._path) > _DEPTH:
            raise Unreadable("The XML is nested too deeply.")
        self._text, self._length = [], 0
        match self._path[-1]:
            case "Pupil":
                self.pupils += 1
                self._pupil, self._block, self._spans = {}, {}, []
            case "YearData" | "Attendance":
                self._block, self._spans = {}, []

    def characters(self, content: str) -> None:
        if self._path and self._path[-1] in _FIELDS:
            self._length += len(content)
            if self._length > _TEXT:
                raise Unreadable("The XML holds a text that is too long.")
            self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802 -- SAX's name
        ended = self._path.pop()
        if "Pupil" not in self._path:
            return
        if ended not in _FIELDS:
            if self._parent == len(self._path) + 1:
                self._close(ended)
            return
        text = "".join(self._text)
        if ended in _OF_PUPIL:
            # The UPN may stand anywhere in the pupil; a name deeper down is that of a parent.
            if ended == "UPN" or self._path[-1] == "Pupil":
                self._pupil[ended] = self._pupil.get(ended) or text.strip()
            return
        self._block[ended] = text
        if ended == "AttendanceMarks":
            self._parent, self._line = len(self._path), self._line_number()

    def _close(self, ended: str) -> None:
        # The element that holds the marks has ended: the block, or `AttendSessions` in it.
        self._spans.append({name: self._block.pop(name, "") for name in ("AttendanceStartDate", "AttendanceMarks")})
        self._parent = self._parent - 1 if ended == "AttendSessions" else 0
        if not self._parent:
            for span in self._spans:
                if span["AttendanceMarks"]:
                    self._lay_out(self._block | span)
            self._block, self._spans = {}, []

    def _lay_out(self, block: dict[str, str]) -> None:
        lea, estab, written = (block.get(name, "").strip() for name in ("LEA", "Estab", "AttendanceStartDate"))
        school = laestab(lea, estab) if lea or estab else self._default
        named = "/".join(filter(None, (lea, estab))) if school is None else school
        born = read_day(self._pupil.get("DOB", ""))
        person = Person("", self._pupil.get("Surname", ""), self._pupil.get("Forename", ""), "" if born.fault else born.day)
        start = read_day(written)
        codes = split_marks(block["AttendanceMarks"])
        found = Block(self._line, named, self._pupil.get("UPN", ""), person, start, written, codes)
        fault = _fault(school, start, written, codes)
        self._entries.append(found.refused(fault) if fault else found)


def _fault(school: str | None, start: ReadDate, written: str, codes: Sequence[str]) -> Fault | None:
    if school is None:
        return Fault.SCHOOL
    if start.fault:
        return start.fault if written else Fault.NO_START
    return Fault.TOO_LONG if len(codes) > _LONGEST else None


def split_marks(text: str) -> list[str]:
    """Return the marks of a block: between commas, or each character where there are none.

    Without commas a space inside is a session without a mark; line breaks and their indentation are the file's, not the register's.
    """
    if "," in text:
        codes = [code.strip() for code in text.split(",")]
        return codes[:-1] if not codes[-1] else codes
    lines = text.splitlines()
    if len(lines) > 1:
        text = "".join(line.strip() for line in lines)
    return [code.strip() for code in text]


def lay_out(start: date, codes: Sequence[str], week_days: int) -> list[tuple[date, Half, str]]:
    """Give each mark its date and half of the day, with weekends (7) or without (5)."""
    days = [start + timedelta(number // 2) for number in range(len(codes))] if week_days == 7 else _weekdays(start, len(codes))
    halves: tuple[Half, Half] = ("AM", "PM")
    return [(day, halves[number % 2], code) for number, (day, code) in enumerate(zip(days, codes, strict=True))]


def week_days_shown(start: date, codes: Sequence[str]) -> Literal[5, 7] | None:
    """Return whether the marks themselves show that weekends are among them (7) or not (5); None where they show neither.

    They are not, where a mark would fall on one. They are, where a weekend without marks lies right between a Friday and a Monday
    with marks. Where both readings give the same dates there is nothing to show.
    """
    real = [day for day, _, code in lay_out(start, codes, 7) if code not in NO_MARK]
    if any(day.weekday() >= 5 for day in real):
        return 5
    if (
        not real
        or real[-1] - start < timedelta(5 - start.weekday())
        or any(day.weekday() == 4 and day + timedelta(3) in real for day in set(real))
    ):
        return 7
    return None


def _weekdays(start: date, sessions: int) -> list[date]:
    days: list[date] = []
    day = start
    while len(days) < sessions:
        if day.weekday() < 5:
            days += [day, day]
        day += timedelta(1)
    return days[:sessions]
