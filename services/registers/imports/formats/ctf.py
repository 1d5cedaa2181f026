"""Common Transfer Files (XML): how a pupil's attendance at a previous school arrives.

Inside each `Pupil` stands an attendance block for each year and school: `Year`, `LEA`, `Estab`, `SchoolName`, counts of sessions,
`AttendanceStartDate` and `AttendanceMarks`, the marks in order, morning and afternoon of every day from the start date on. From CTF 24
they are separated by commas, since codes may have two characters; before that each character was a mark.
Some systems write marks for all seven days of a week (none at weekends), some for the five from Monday to Friday; which, the marks show.
"""

import xml.sax
from collections.abc import Callable, Generator, Sequence
from datetime import date, timedelta
from typing import IO, Any

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from services.registers.imports.formats.entries import Entry, Fault, Options, Unreadable, laestab, make_entry, read_date
from services.registers.imports.formats.mapping import Mapping

_PIECE = 64 * 1024
_DEPTH = 40
_TEXT = 32 * 1024
_LONGEST = 2 * 2 * 366
"""Marks in one block: two years of days, two sessions each."""
_FIELDS = frozenset({"UPN", "LEA", "Estab", "AttendanceStartDate", "AttendanceMarks"})
NO_MARK = frozenset({"", "-", "#", "Z"})


def read(file: IO[bytes], mapping: Mapping, options: Options) -> Generator[Entry, None, None]:
    """Yield the entries of a CTF, pupil by pupil. Raises Unreadable for a document type, an entity, too long a text, or what is no XML."""
    file.seek(0)
    parser: Any = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    handler = _Pupils(parser.getLineNumber, mapping.week_days, options)
    parser.setContentHandler(handler)
    try:
        while piece := file.read(_PIECE):
            parser.feed(piece)
            yield from handler.take()
        parser.close()
        yield from handler.take()
    except DefusedXmlException as error:
        raise Unreadable("The file declares a document type or entities; such XML is not read.") from error
    except (xml.sax.SAXException, ValueError, LookupError) as error:
        raise Unreadable("The file is not XML to its end, or not well-formed.") from error
    if not handler.pupils:
        raise Unreadable("The file holds no pupil of a Common Transfer File.")


class _Pupils(xml.sax.ContentHandler):
    """Collects attendance blocks; keeps one pupil at a time."""

    def __init__(self, line_number: Callable[[], int], week_days: int | None, options: Options) -> None:
        super().__init__()
        self._line_number = line_number
        self.pupils = 0
        self._week_days, self._default = week_days, options.school
        self._entries: list[Entry] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._upn = ""
        self._block: dict[str, str] = {}
        self._spans: list[dict[str, str]] = []
        self._parent = 0
        self._line = 0

    def take(self) -> list[Entry]:
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
                self._upn, self._block, self._spans = "", {}, []
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
        if ended == "UPN":
            self._upn = self._upn or text.strip()
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
        codes = split_marks(block["AttendanceMarks"])
        start = read_date(written)
        fault = _fault(school, start, written, codes)
        sessions = lay_out(start, codes, self._week_days) if start and not fault else None
        if sessions is None:
            self._entries.append(make_entry(self._line, named, self._upn, written, "", "", None, fault or Fault.WEEKENDS))
            return
        for day, half, code in sessions:
            self._entries.append(make_entry(self._line, named, self._upn, day.isoformat(), half, code))


def _fault(school: str | None, start: date | None, written: str, codes: Sequence[str]) -> Fault | None:
    if school is None:
        return Fault.SCHOOL
    if start is None:
        return Fault.DATE if written else Fault.NO_START
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


def lay_out(start: date, codes: Sequence[str], week_days: int | None) -> list[tuple[date, str, str]] | None:
    """Give each mark its date and half of the day; None where nothing shows whether weekends are among the marks.

    They are not, where a mark would fall on one. They are, where a weekend without marks lies right between a Friday and a Monday
    with marks. Where both readings give the same dates there is nothing to show.
    """
    every_day = [start + timedelta(number // 2) for number in range(len(codes))]
    real = [day for day, code in zip(every_day, codes, strict=True) if code not in NO_MARK]
    if week_days is None:
        if any(day.weekday() >= 5 for day in real):
            week_days = 5
        elif (
            not real
            or real[-1] - start < timedelta(5 - start.weekday())
            or any(day.weekday() == 4 and day + timedelta(3) in real for day in set(real))
        ):
            week_days = 7
        else:
            return None
    days = every_day if week_days == 7 else _weekdays(start, len(codes))
    return [(day, ("AM", "PM")[number % 2], code) for number, (day, code) in enumerate(zip(days, codes, strict=True))]


def _weekdays(start: date, sessions: int) -> list[date]:
    days: list[date] = []
    day = start
    while len(days) < sessions:
        if day.weekday() < 5:
            days += [day, day]
        day += timedelta(1)
    return days[:sessions]
